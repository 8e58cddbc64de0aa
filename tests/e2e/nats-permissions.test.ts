import { openNatsBus } from "@openvibe/bus/nats";
import { startNats } from "@openvibe/stack";
import { expect, test } from "vitest";

const NARROW = `authorization { users [
  { user: ov, password: pw, permissions: { publish: { deny: "operators.secret.request.*" } } }
] }`;
const request = () => ({ body: null, askId: "a", deadlineAt: Date.now() + 60_000 });

test("who may not ask an operator is told at once, and the others answer all the same", async () => {
  await using nats = await startNats({ own: true, extraConfig: NARROW });
  await using bus = await openNatsBus({ servers: nats.url.replace("//", "//ov:pw@"), name: "narrow", apply: { replicas: 1 } });
  await using _ = await bus.requests.answer("open", "now", async () => "here");
  const from = performance.now();

  const [refused, answer] = await Promise.allSettled([
    bus.requests.ask("secret", "now", request()),
    bus.requests.ask("open", "now", request()),
  ]);

  expect(refused).toMatchObject({ reason: { code: "OV_BUS_UNAVAILABLE", message: expect.stringMatching(/permissions violation/i) } });
  expect(answer).toEqual({ status: "fulfilled", value: "here" });
  expect(performance.now() - from).toBeLessThan(5_000);
});
