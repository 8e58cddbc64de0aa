/** What an asker learns when no answer can come. */
import { expect, inject, test } from "vitest";
import { freshOperatorId } from "../contract/support.ts";
import { openNatsBus } from "./bus.ts";

const LONG_MS = 60_000; // beyond the test's own time: whoever waits for it fails
const request = () => ({ body: null, askId: "a", deadlineAt: Date.now() + LONG_MS });

test("who waits for an answer when the bus is disposed of is told, and leaves no timer behind", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const operatorId = freshOperatorId();
  await using other = await openNatsBus({ servers: inject("natsUrl"), name: "other", apply: { replicas: 1 } });
  const heard = Promise.withResolvers<void>();
  const never = Promise.withResolvers<null>();
  await using _ = await other.requests.answer(operatorId, "now", () => {
    heard.resolve();
    return never.promise;
  });
  const before = timers();
  const bus = await openNatsBus({ servers: inject("natsUrl"), name: "asker", apply: { replicas: 1 } });
  const asking = bus.requests.ask(operatorId, "now", request());
  asking.catch(() => {});
  await heard.promise;

  await bus[Symbol.asyncDispose]();

  await expect(asking).rejects.toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
  await expect.poll(timers).toBeLessThanOrEqual(before);
  never.resolve(null);
});
