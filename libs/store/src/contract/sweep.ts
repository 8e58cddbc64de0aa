import { SWEEP_AFTER_MS } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import {
  aCancel,
  aClaimedRun,
  aFinishedRun,
  aNewRun,
  anEvent,
  aWaitingRun,
  aWake,
  aWrite,
  claim,
  ME,
  OPERATOR,
  OTHER,
} from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

export function sweepContract({ name, open }: StoreContract): void {
  const stuckOf = async ({ store }: StoreUnderTest, everything = false) =>
    (await store.sweep.findStuck({ sweeper: ME, limit: 100, everything }))
      .map(({ runId, wake, kind }) => `${runId} ${kind} ${wake}`)
      .sort();
  const unsentOf = async ({ store }: StoreUnderTest, olderThanMs = 5_000) =>
    (await store.sweep.findUnsent({ olderThanMs, limit: 100 })).map(({ run }) => run.runId).sort();
  const cancelOrphans = ({ store }: StoreUnderTest) =>
    store.sweep.cancelOrphans({ sweeper: ME, limit: 100, event: () => anEvent("run.cancelled") });

  describe(`${name} finds wake-ups to publish again`, () => {
    test("of a queued run after 5 s, then after 10, 20 and 60 s, then every minute", async () => {
      await using under = await open();
      await under.store.runs.insert(aNewRun({ runId: "run_a" }));
      await under.store.runs.markSent({ runId: "run_a", sequence: 0 });

      for (const span of [...SWEEP_AFTER_MS, 60_000, 60_000]) {
        await under.advance(span - 1_000);
        expect(await stuckOf(under)).toEqual([]);
        await under.advance(1_001);
        expect(await stuckOf(under)).toEqual(["run_a start 0"]);
      }
    });

    test("of a woken run with its number, beginning anew with 5 s", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store, { runId: "run_w" });
      await under.advance(100_000);
      expect(await stuckOf(under)).toEqual([]);
      await under.store.runs.wake(aWake(run.runId));

      await under.advance(4_000);
      expect(await stuckOf(under)).toEqual([]);
      await under.advance(1_001);
      expect(await stuckOf(under)).toEqual(["run_w resume 1"]);
    });

    test("of a running run whose owner is silent, or which has none, but not of a live owner's", async () => {
      await using under = await open();
      await under.live(ME);
      await under.die(OTHER);
      await aClaimedRun(under.store, { runId: "run_mine" }, ME);
      await aClaimedRun(under.store, { runId: "run_robbed" }, OTHER);
      const { run } = await aClaimedRun(under.store, { runId: "run_released" }, ME);
      await aFinishedRun(under.store, "completed", { runId: "run_ended" });
      await under.advance(5_001);

      await under.store.runs.release({ runId: run.runId, attempt: 1, owner: ME });

      expect(await stuckOf(under)).toEqual(["run_released start 0", "run_robbed start 0"]);
      expect(await stuckOf(under)).toEqual([]);
      await under.advance(5_001);
      expect(await stuckOf(under)).toEqual(["run_released start 0", "run_robbed start 0"]);
    });

    /** A queued run that will not be published again for a minute. */
    const aLongSweptRun = async (under: StoreUnderTest, runId: string) => {
      await under.store.runs.insert(aNewRun({ runId }));
      await under.store.runs.markSent({ runId, sequence: 0 });
      for (const span of SWEEP_AFTER_MS) {
        await under.advance(span + 1);
        expect(await stuckOf(under)).toEqual([`${runId} start 0`]);
      }
    };

    test("of a run that was swept, claimed and released again: at once", async () => {
      await using under = await open();
      await under.live(ME);
      await aLongSweptRun(under, "run_a");
      await claim(under.store, "run_a");
      expect(await stuckOf(under)).toEqual([]);

      await under.store.runs.release({ runId: "run_a", attempt: 1, owner: ME });

      expect(await stuckOf(under)).toEqual(["run_a start 0"]);
    });

    test("of a run that was swept and then claimed by one who fell silent", async () => {
      await using under = await open();
      await under.live(ME);
      await under.die(OTHER);
      await aLongSweptRun(under, "run_a");
      await claim(under.store, "run_a", { owner: OTHER });

      await under.advance(4_001);

      expect(await stuckOf(under)).toEqual(["run_a start 0"]);
    });

    test("a store that is opened alone finds everything at once, each once for the sweeper", async () => {
      await using under = await open();
      await under.live(ME);
      await under.die(OTHER);
      await under.store.runs.insert(aNewRun({ runId: "run_queued" }));
      await aClaimedRun(under.store, { runId: "run_running" }, OTHER);
      await aClaimedRun(under.store, { runId: "run_mine" }, ME);
      await aWaitingRun(under.store, { runId: "run_waiting" });
      await under.advance(10);

      expect(await stuckOf(under, true)).toEqual(["run_queued start 0", "run_running start 0"]);
      expect(await stuckOf(under, true)).toEqual([]);
      expect(await under.store.sweep.findStuck({ sweeper: "another start", limit: 10, everything: true })).not.toEqual([]);
    });

    test("as many as asked for, and each to one of those who ask at once", async () => {
      await using under = await open();
      await Promise.all(Array.from({ length: 30 }, () => under.store.runs.insert(aNewRun())));
      await under.advance(5_001);

      const found = await Promise.all(Array.from({ length: 4 }, () => under.store.sweep.findStuck({ sweeper: ME, limit: 7 })));
      const rest = await under.store.sweep.findStuck({ sweeper: ME, limit: 100 });

      expect(Math.max(...found.map(({ length }) => length))).toBeLessThanOrEqual(7);
      expect(found[0]?.[0]).toMatchObject({ operatorId: OPERATOR });
      const ids = [...found.flat(), ...rest].map(({ runId }) => runId);
      expect({ given: ids.length, different: new Set(ids).size }).toEqual({ given: 30, different: 30 });
    });
  });

  describe(`${name} finds events that lie unsent`, () => {
    test("in runs that nobody owns, again only after as long", async () => {
      await using under = await open();
      await under.live(ME);
      await aFinishedRun(under.store, "completed", { runId: "run_ended" });
      await aWaitingRun(under.store, { runId: "run_waiting" });
      const owned = await aClaimedRun(under.store, { runId: "run_owned" });
      await aFinishedRun(under.store, "failed", { runId: "run_sent" });
      await under.store.runs.markSent({ runId: "run_sent", sequence: 1 });

      await under.advance(4_000);
      expect(await unsentOf(under)).toEqual([]);
      await under.advance(1_001);
      const [first] = await under.store.sweep.findUnsent({ olderThanMs: 5_000, limit: 1 });
      expect(first?.outbox).toEqual({ from: 0, events: [anEvent("run.queued"), anEvent("node.completed")] });
      expect([...(await unsentOf(under)), first?.run.runId].sort()).toEqual(["run_ended", "run_waiting"]);
      expect(await unsentOf(under)).toEqual([]);

      await under.store.runs.markSent({ runId: "run_ended", sequence: 1 });
      await under.store.runs.release({ runId: "run_owned", attempt: owned.run.attempt, owner: ME });
      await under.advance(5_001);
      expect(await unsentOf(under)).toEqual(["run_owned", "run_waiting"]);
    });

    test("also in a queued run whose wake-up was swept, and in a run that was cancelled", async () => {
      await using under = await open();
      await under.store.runs.insert(aNewRun({ runId: "run_queued" }));
      const { run } = await aWaitingRun(under.store, { runId: "run_cancelled" });
      await under.store.runs.markSent({ runId: run.runId, sequence: 1 });
      await under.advance(5_001);
      await stuckOf(under);
      await under.store.runs.cancel(aCancel(run.runId));

      expect(await unsentOf(under)).toEqual(["run_queued"]);
      await under.advance(5_001);
      expect(await unsentOf(under)).toEqual(["run_cancelled", "run_queued"]);
      expect(await unsentOf(under, 0)).toEqual(["run_cancelled", "run_queued"]);
    });
  });

  describe(`${name} ends runs whose cancel nobody hears`, () => {
    test("when their owner is silent or absent, with the next attempt", async () => {
      await using under = await open();
      await under.live(ME);
      await under.die(OTHER);
      const orphan = await aClaimedRun(under.store, { runId: "run_orphan" }, OTHER);
      await aClaimedRun(under.store, { runId: "run_released" }, ME);
      await under.store.runs.release({ runId: "run_released", attempt: 1, owner: ME });
      await aClaimedRun(under.store, { runId: "run_held" }, ME);
      await aClaimedRun(under.store, { runId: "run_not_cancelled" }, OTHER);
      await under.advance(5_001);
      for (const runId of ["run_orphan", "run_released", "run_held"]) await under.store.runs.cancel(aCancel(runId));

      await stuckOf(under);
      const ended = await cancelOrphans(under);

      expect(ended.map(({ run }) => run.runId).sort()).toEqual(["run_orphan", "run_released"]);
      for (const { run, outbox } of ended) {
        expect(run).toMatchObject({ status: "cancelled", attempt: 2, cancelRequested: true });
        expect(outbox).toEqual({ from: 0, events: [anEvent("run.queued"), anEvent("run.cancelled")] });
      }
      expect(await cancelOrphans(under)).toEqual([]);
      expect(await under.store.runs.writeCancelled(aWrite(orphan))).toBe("stale");
    });

    test("also when the sweep has just published their wake-up", async () => {
      await using under = await open();
      await under.live(ME);
      await aClaimedRun(under.store, { runId: "run_a" }, ME);
      await under.store.runs.markSent({ runId: "run_a", sequence: 0 });
      await under.store.runs.release({ runId: "run_a", attempt: 1, owner: ME });
      expect(await stuckOf(under)).toEqual(["run_a start 0"]);

      await under.store.runs.cancel(aCancel("run_a"));

      expect((await cancelOrphans(under)).map(({ run }) => run.runId)).toEqual(["run_a"]);
    });

    test("also when the same sweep published their wake-up after the cancel", async () => {
      await using under = await open();
      await under.live(ME);
      await aClaimedRun(under.store, { runId: "run_a" }, ME);
      await under.store.runs.markSent({ runId: "run_a", sequence: 0 });
      await under.store.runs.cancel(aCancel("run_a"));
      await under.store.runs.release({ runId: "run_a", attempt: 1, owner: ME });
      await stuckOf(under);

      expect((await cancelOrphans(under)).map(({ run }) => run.runId)).toEqual(["run_a"]);
    });
  });
}
