import { describe, expect, test } from "vitest";
import type { StoreContract } from "./under-test.ts";

const DAY_MS = 86_400_000;
const AT = { operatorId: "shop", runId: "run_a", sequence: 3 };
const DATA = JSON.stringify({ text: `Zoë ${"x".repeat(600_000)}`, odd: "\u0000\ud83d" });

export function eventDataContract({ name, open }: StoreContract): void {
  describe(`${name} keeps data of events`, () => {
    test("as it was, for this event of this operator alone", async () => {
      await using under = await open();
      const { eventData } = under.store;

      await eventData.put(AT, DATA);
      await eventData.put({ ...AT, sequence: 4 }, "{}");

      expect(await eventData.find(AT)).toBe(DATA);
      expect(await eventData.find({ ...AT, sequence: 4 })).toBe("{}");
      for (const other of [{ sequence: 5 }, { runId: "run_b" }, { operatorId: "desk" }])
        expect(await eventData.find({ ...AT, ...other })).toBeUndefined();
    });

    test("for eight days from the last time it was put, longer than a log keeps the event", async () => {
      await using under = await open();
      const { eventData, sweep } = under.store;
      const keeps = async () => {
        await sweep.purge({ keepMs: 1, limit: 10 });
        return (await eventData.find(AT)) !== undefined;
      };
      await eventData.put(AT, DATA);
      await under.advance(5 * DAY_MS);
      await eventData.put(AT, DATA);
      await under.advance(8 * DAY_MS - 60_000);

      expect(await keeps()).toBe(true);
      await under.advance(120_000);
      expect(await keeps()).toBe(false);
    });
  });
}
