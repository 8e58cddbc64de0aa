import { type RunStatus, RunStatus as Status, type StepRecord } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { A_RECORD, aCancel, aClaimedRun, aFinishedRun, aNewRun, aWrite, claim, ME, OTHER } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

const FAR = 9_000_000_000_000_000;

const aRecord = (nodeId: string, given: Partial<StepRecord> = {}): StepRecord => ({ ...A_RECORD, node_id: nodeId, ...given });

/** What the steps of a run did: with the write that ends them, or not at all. */
export function historyContract({ name, features, open, openSecond }: StoreContract): void {
  describe(`${name} keeps a run's history`, () => {
    test("with each write that brings some, in order, several steps of one write included", async () => {
      await using under = await open();
      const { runs, history } = under.store;
      const claimed = await aClaimedRun(under.store);
      const { runId } = claimed.run;

      await runs.write(aWrite(claimed, { step: 1, history: [aRecord("enrich"), aRecord("score", { kind: "llm", cost_usd: null })] }));
      await runs.write(aWrite(claimed, { step: 2 }));
      const error = { code: "OV_NODE_FAILED", message: "broken", node_id: "route" } as const;
      await runs.write(aWrite(claimed, { step: 3, status: "failed", error, history: [aRecord("route", { error, patch: {} })] }));

      expect(await history.of(runId)).toEqual([
        aRecord("enrich"),
        aRecord("score", { kind: "llm", cost_usd: null }),
        aRecord("route", { error, patch: {} }),
      ]);
      expect(await runs.find(runId)).toMatchObject({ status: "failed", step: 3 });
      expect(await history.of("run_unknown")).toEqual([]);
    });

    test("once, when a write is asked for again after a lost answer", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const write = aWrite(claimed, { history: [aRecord("enrich")] });

      expect([await under.store.runs.write(write), await under.store.runs.write(write)]).toEqual(["committed", "committed"]);

      expect(await under.store.history.of(claimed.run.runId)).toEqual([aRecord("enrich")]);
    });

    test("never of a write that is refused", async () => {
      await using under = await open();
      const { runs, history } = under.store;
      const lost = await aClaimedRun(under.store, {}, ME);
      await runs.release({ runId: lost.run.runId, attempt: 1, owner: ME });
      await claim(under.store, lost.run.runId, { owner: OTHER });
      const cancelled = await aClaimedRun(under.store);
      await runs.cancel(aCancel(cancelled.run.runId));

      expect(await runs.write(aWrite(lost, { history: [aRecord("enrich")] }))).toBe("stale");
      expect(await runs.write(aWrite(cancelled, { history: [aRecord("enrich")] }))).toBe("cancel_requested");

      expect(await history.of(lost.run.runId)).toEqual([]);
      expect(await history.of(cancelled.run.runId)).toEqual([]);
    });

    test("of each run its own, when many are written at once", async () => {
      await using under = await open();
      const all = await Promise.all(Array.from({ length: 30 }, () => aClaimedRun(under.store)));

      await Promise.all(
        all.map((claimed, n) =>
          under.store.runs.write(aWrite(claimed, n % 3 === 0 ? {} : { history: [aRecord("enrich", { patch: { n } })] })),
        ),
      );

      const kept = await Promise.all(all.map(({ run }) => under.store.history.of(run.runId)));
      expect(kept).toEqual(all.map((_, n) => (n % 3 === 0 ? [] : [aRecord("enrich", { patch: { n } })])));
      for (const { run } of all) expect((await under.store.runs.find(run.runId))?.step).toBe(1);
    });

    test("with every text that JSON can hold", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const record = aRecord("enrich", { patch: { text: '\u0000 \ud800 é 漢 " \\ \n', deep: [{ a: null }] } });

      await under.store.runs.write(aWrite(claimed, { history: [record] }));

      expect(await under.store.history.of(claimed.run.runId)).toEqual([record]);
    });

    test.each([{}, { idempotencyKey: "key", fingerprint: "f" }])("until the run is purged (%o)", async (given) => {
      await using under = await open();
      const { runs, history, sweep } = under.store;
      const kept = await recordedRun("running");
      const purged = await recordedRun("completed", given);
      await aFinishedRun(under.store, "completed", aNewRun());

      await sweep.purge({ before: FAR, limit: 10 });

      expect(await runs.find(purged)).toBeUndefined();
      expect(await history.of(purged)).toEqual([]);
      expect(await history.of(kept)).toEqual([aRecord("enrich")]);

      async function recordedRun(status: Extract<RunStatus, "running" | "completed">, of = {}) {
        const claimed = await aClaimedRun(under.store, of);
        await runs.write(aWrite(claimed, { status, history: [aRecord("enrich")] }));
        if (status === Status.Completed) await runs.markSent({ runId: claimed.run.runId, sequence: 1 });
        return claimed.run.runId;
      }
    });

    test("purged a few at a time, of all of them in the end", async () => {
      await using under = await open();
      const { runs, history, sweep } = under.store;
      const all = await Promise.all(Array.from({ length: 7 }, () => aClaimedRun(under.store)));
      for (const claimed of all) {
        await runs.write(aWrite(claimed, { status: "completed", history: [aRecord("enrich")] }));
        await runs.markSent({ runId: claimed.run.runId, sequence: 1 });
      }

      const purged: number[] = [];
      while (purged.at(-1) !== 0) purged.push(await sweep.purge({ before: FAR, limit: 3 }));

      expect(purged).toEqual([3, 3, 1, 0]);
      for (const { run } of all) expect(await history.of(run.runId)).toEqual([]);
    });

    if (features.durable && openSecond !== undefined)
      test("after the store was closed and opened again", async () => {
        const first = await open();
        const claimed = await aClaimedRun(first.store);
        await first.store.runs.write(aWrite(claimed, { history: [aRecord("enrich")] }));
        if (!features.shared) await first[Symbol.asyncDispose]();

        await using second = await openSecond(first);

        expect(await second.store.history.of(claimed.run.runId)).toEqual([aRecord("enrich")]);
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
