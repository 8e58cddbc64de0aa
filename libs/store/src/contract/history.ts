import { type RunId, type RunStatus, RunStatus as Status, type StepRecord } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { A_RECORD, aCancel, aClaimedRun, aWrite, claim, ME, OTHER } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const MINUTE_MS = 60_000;
const aRecord = (nodeId: string, given: Partial<StepRecord> = {}): StepRecord => ({ ...A_RECORD, node_id: nodeId, ...given });

const recordsOf = async ({ store }: StoreUnderTest, runId: RunId) => (await store.history.of(runId)).records;

/** What the steps of a run did: with the write that ends them, or not at all. */
export function historyContract({ name, features, open, openSecond }: StoreContract): void {
  describe(`${name} keeps a run's history`, () => {
    test("with each write that brings some, in order, several steps of one write included", async () => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store);
      const { runId } = claimed.run;

      await runs.write(aWrite(claimed, { step: 1, history: [aRecord("enrich"), aRecord("score", { kind: "llm", cost_usd: null })] }));
      await runs.write(aWrite(claimed, { step: 2 }));
      const error = { code: "OV_NODE_FAILED", message: "broken", node_id: "route" } as const;
      await runs.write(aWrite(claimed, { step: 3, status: "failed", error, history: [aRecord("route", { error, patch: {} })] }));

      expect(await recordsOf(under, runId)).toEqual([
        aRecord("enrich"),
        aRecord("score", { kind: "llm", cost_usd: null }),
        aRecord("route", { error, patch: {} }),
      ]);
      expect(await runs.find(runId)).toMatchObject({ status: "failed", step: 3 });
      expect(await recordsOf(under, "run_unknown")).toEqual([]);
    });

    test("and gives it in pages, several steps of one write together", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const { runId } = claimed.run;
      for (const step of [1, 2, 3, 4, 5])
        await under.store.runs.write(aWrite(claimed, { step, history: [aRecord(`s${step}`), aRecord(`s${step}b`)] }));
      const namesOf = async (after?: number) => {
        const { records, next } = await under.store.history.of(runId, { limit: 2, ...(after === undefined ? {} : { after }) });
        return [records.map(({ node_id }) => node_id), next];
      };

      expect(await namesOf()).toEqual([["s1", "s1b", "s2", "s2b"], 2]);
      expect(await namesOf(2)).toEqual([["s3", "s3b", "s4", "s4b"], 4]);
      expect(await namesOf(4)).toEqual([["s5", "s5b"], null]);
      expect(await namesOf(5)).toEqual([[], null]);
    });

    test("once, when a write is asked for again after a lost answer", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const write = aWrite(claimed, { history: [aRecord("enrich")] });

      expect([await under.store.runs.write(write), await under.store.runs.write(write)]).toEqual(["committed", "committed"]);

      expect(await recordsOf(under, claimed.run.runId)).toEqual([aRecord("enrich")]);
    });

    test("never of a write that is refused", async () => {
      await using under = await open();
      const { runs } = under.store;
      const lost = await aClaimedRun(under.store, {}, ME);
      await runs.release({ runId: lost.run.runId, attempt: 1, owner: ME });
      await claim(under.store, lost.run.runId, { owner: OTHER });
      const cancelled = await aClaimedRun(under.store);
      await runs.cancel(aCancel(cancelled.run.runId));

      expect(await runs.write(aWrite(lost, { history: [aRecord("enrich")] }))).toBe("stale");
      expect(await runs.write(aWrite(cancelled, { history: [aRecord("enrich")] }))).toBe("cancel_requested");

      expect(await recordsOf(under, lost.run.runId)).toEqual([]);
      expect(await recordsOf(under, cancelled.run.runId)).toEqual([]);
    });

    test("of each run its own, when many are written at once", async () => {
      await using under = await open();
      const all = await Promise.all(Array.from({ length: 30 }, () => aClaimedRun(under.store)));

      await Promise.all(
        all.map((claimed, n) =>
          under.store.runs.write(aWrite(claimed, n % 3 === 0 ? {} : { history: [aRecord("enrich", { patch: { n } })] })),
        ),
      );

      const kept = await Promise.all(all.map(({ run }) => recordsOf(under, run.runId)));
      expect(kept).toEqual(all.map((_, n) => (n % 3 === 0 ? [] : [aRecord("enrich", { patch: { n } })])));
      for (const { run } of all) expect((await under.store.runs.find(run.runId))?.step).toBe(1);
    });

    test("with every text that JSON can hold", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const record = aRecord("enrich", { patch: { text: '\u0000 \ud800 é 漢 " \\ \n', deep: [{ a: null }] } });

      await under.store.runs.write(aWrite(claimed, { history: [record] }));

      expect(await recordsOf(under, claimed.run.runId)).toEqual([record]);
    });

    test.each([{}, { idempotencyKey: "key", fingerprint: "f" }])("until the run is purged (%o)", async (given) => {
      await using under = await open();
      const { runs, sweep } = under.store;
      const kept = await recordedRun("running");
      const purged = await recordedRun("completed", given);
      await under.advance(2 * MINUTE_MS);

      await sweep.purge({ keepMs: MINUTE_MS, limit: 10 });

      expect(await runs.find(purged)).toBeUndefined();
      expect(await recordsOf(under, purged)).toEqual([]);
      expect(await recordsOf(under, kept)).toEqual([aRecord("enrich")]);

      async function recordedRun(status: Extract<RunStatus, "running" | "completed">, of = {}) {
        const claimed = await aClaimedRun(under.store, of);
        await runs.write(aWrite(claimed, { status, history: [aRecord("enrich")] }));
        if (status === Status.Completed) await runs.markSent({ runId: claimed.run.runId, sequence: 1 });
        return claimed.run.runId;
      }
    });

    test("purged a few at a time, of all of them in the end", async () => {
      await using under = await open();
      const { runs, sweep } = under.store;
      const all = await Promise.all(Array.from({ length: 7 }, () => aClaimedRun(under.store)));
      for (const claimed of all) {
        await runs.write(aWrite(claimed, { status: "completed", history: [aRecord("enrich")] }));
        await runs.markSent({ runId: claimed.run.runId, sequence: 1 });
      }

      await under.advance(2 * MINUTE_MS);
      const purged: number[] = [];
      while (purged.at(-1) !== 0) purged.push(await sweep.purge({ keepMs: MINUTE_MS, limit: 3 }));

      expect(purged).toEqual([3, 3, 1, 0]);
      for (const { run } of all) expect(await recordsOf(under, run.runId)).toEqual([]);
    });

    if (features.durable && openSecond !== undefined)
      test("after the store was closed and opened again", async () => {
        const first = await open();
        const claimed = await aClaimedRun(first.store);
        await first.store.runs.write(aWrite(claimed, { history: [aRecord("enrich")] }));
        if (!features.shared) await first[Symbol.asyncDispose]();

        await using second = await openSecond(first);

        expect(await recordsOf(second, claimed.run.runId)).toEqual([aRecord("enrich")]);
        if (features.shared) await first[Symbol.asyncDispose]();
      });
  });

  describe(`${name} keeps a run's trace`, () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    test("from its insert to its end, and none where none came", async () => {
      await using under = await open();
      const { run, ...claimed } = await aClaimedRun(under.store, { traceparent });
      const without = await aClaimedRun(under.store);

      await under.store.runs.write(aWrite({ run, ...claimed }, { status: "completed" }));

      expect(run.traceparent).toBe(traceparent);
      expect((await under.store.runs.findOutbox(run.runId))?.run.traceparent).toBe(traceparent);
      expect("traceparent" in without.run).toBe(false);
    });
  });
}
