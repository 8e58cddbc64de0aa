import { describe, expect, test } from "vitest";
import type { StoreContract } from "./under-test.ts";

const NIGHTLY = { operatorId: "sales", triggerId: "nightly", on: "cron:0 3 * * *" };
const DAY = 86_400_000;
const AT = Date.UTC(2026, 10, 22);

export function schedulesContract({ name, open, openSecond, features }: StoreContract): void {
  describe(`${name} keeps schedules`, () => {
    test("a schedule is begun once, and anew where its trigger is another", async () => {
      await using under = await open();
      const { schedules } = under.store;

      await schedules.begin({ ...NIGHTLY, at: AT });
      await schedules.begin({ ...NIGHTLY, at: AT + DAY });
      await schedules.begin({ ...NIGHTLY, operatorId: "hr", at: AT });
      await schedules.begin({ ...NIGHTLY, operatorId: "hr", on: "cron:0 4 * * *", at: AT + DAY });

      expect(await schedules.list()).toEqual([
        { ...NIGHTLY, operatorId: "hr", on: "cron:0 4 * * *", settledUpto: AT + DAY, pausedAt: null, lastSlot: null, lastRunId: null },
        { ...NIGHTLY, settledUpto: AT, pausedAt: null, lastSlot: null, lastRunId: null },
      ]);
    });

    test("what is settled never goes back, and a slot without a run leaves the last one", async () => {
      await using under = await open();
      const { schedules } = under.store;
      await schedules.begin({ ...NIGHTLY, at: AT });

      expect(await schedules.settle({ ...NIGHTLY, upto: AT + 2 * DAY, runId: "run_2" })).toBe(true);
      expect(await schedules.settle({ ...NIGHTLY, upto: AT + DAY, runId: "run_1" })).toBe(false);
      expect(await schedules.settle({ ...NIGHTLY, upto: AT + 3 * DAY })).toBe(true);
      expect(await schedules.settle({ ...NIGHTLY, upto: AT + 3 * DAY })).toBe(false);
      expect(await schedules.settle({ ...NIGHTLY, on: "cron:0 4 * * *", upto: AT + 9 * DAY, runId: "run_9" })).toBe(false);

      expect(await schedules.list()).toMatchObject([{ settledUpto: AT + 3 * DAY, lastSlot: AT + 2 * DAY, lastRunId: "run_2" }]);
    });

    test("paused it stays so until it is resumed, from when on its slots count again", async () => {
      await using under = await open();
      const { schedules } = under.store;

      await schedules.pause({ ...NIGHTLY, at: AT });
      await schedules.pause({ ...NIGHTLY, at: AT + DAY });
      await schedules.begin({ ...NIGHTLY, on: "cron:0 4 * * *", at: AT + DAY });
      expect(await schedules.list()).toMatchObject([{ on: "cron:0 4 * * *", pausedAt: AT, settledUpto: AT + DAY }]);

      await schedules.resume({ ...NIGHTLY, at: AT + 2 * DAY });
      await schedules.resume({ ...NIGHTLY, at: AT + 3 * DAY });
      await schedules.resume({ ...NIGHTLY, operatorId: "nobody", at: AT });

      expect(await schedules.list()).toMatchObject([{ pausedAt: null, settledUpto: AT + 2 * DAY }]);
    });

    test("one that is forgotten is gone, but not a paused one, nor one that has gone on since it was read", async () => {
      await using under = await open();
      const { schedules } = under.store;
      for (const operatorId of ["a", "b", "c"]) await schedules.begin({ ...NIGHTLY, operatorId, at: AT });
      const read = await schedules.list();
      await schedules.pause({ ...NIGHTLY, operatorId: "a", at: AT });
      await schedules.settle({ ...NIGHTLY, operatorId: "b", upto: AT + DAY });

      for (const schedule of read) await schedules.forget(schedule);

      expect((await schedules.list()).map(({ operatorId }) => operatorId)).toEqual(["a", "b"]);
    });

    if (features.durable && openSecond !== undefined)
      test("schedules outlive the process", async () => {
        await using first = await open();
        await first.store.schedules.begin({ ...NIGHTLY, at: AT });
        const before = await first.store.schedules.list();
        if (!features.shared) await first[Symbol.asyncDispose]();

        await using second = await openSecond(first);

        expect(await second.store.schedules.list()).toEqual(before);
      });
  });
}
