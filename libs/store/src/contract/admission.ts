import { RUN_STATUSES, RunStatus } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aClaimedRun, aFinishedRun, aNewRun, aRunThatIs, aWaitingRun, aWake } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

export function admissionContract({ name, open }: StoreContract): void {
  describe(`${name} counts queued runs`, () => {
    test("by operator, and none that are in another state", async () => {
      await using under = await open();
      for (const status of RUN_STATUSES) if (status !== RunStatus.Queued) await aRunThatIs(under.store, status);
      for (const operatorId of ["shop", "shop", "desk"]) await under.store.runs.insert(aNewRun({ operatorId }));
      await aClaimedRun(under.store, { operatorId: "shop" });

      expect([...(await under.store.runs.countQueued())].sort()).toEqual([
        ["desk", 1],
        ["shop", 2],
      ]);
    });

    test("whose events are sent, whose wake-up was swept, and which were woken", async () => {
      await using under = await open();
      const { run } = await under.store.runs.insert(aNewRun({ operatorId: "shop" }));
      await under.store.runs.markSent({ runId: run.runId, sequence: 0 });
      await under.advance(5_001);
      await under.store.sweep.findStuck({ sweeper: "sweeper", limit: 10 });
      const waiting = await aWaitingRun(under.store, { operatorId: "shop" });
      await under.store.runs.wake(aWake(waiting.run.runId));

      expect(await under.store.runs.countQueued()).toEqual(new Map([["shop", 2]]));
    });
  });

  describe(`${name} knows a cause that has its run`, () => {
    test("by key or origin, also when the run is purged", async () => {
      await using under = await open();
      const { runs, sweep } = under.store;
      const { run } = await aFinishedRun(under.store, "completed", { idempotencyKey: "key", origin: "cron:daily:1" });
      await runs.markSent({ runId: run.runId, sequence: 1 });

      for (const purged of [0, 1]) {
        expect(await sweep.purge({ keepMs: 60_000, limit: 10 })).toBe(purged);
        expect(await runs.hasCause({ idempotencyKey: "key" })).toBe(true);
        expect(await runs.hasCause({ origin: "cron:daily:1" })).toBe(true);
        expect(await runs.hasCause({ idempotencyKey: "cron:daily:1", origin: "key" })).toBe(false);
        expect(await runs.hasCause({})).toBe(false);
        await under.advance(120_000);
      }
    });
  });
}
