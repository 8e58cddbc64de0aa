import { describe, expect, test } from "vitest";
import type { SubStep } from "../sub-steps.ts";
import { aCancel, aClaimedRun, aWrite, claim, ME, OTHER } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

const MINUTE_MS = 60_000;

/** Results within a node: of the owner alone, for this visit of the node, and gone with the run at the latest. */
export function subStepsContract({ name, features, open, openSecond }: StoreContract): void {
  const aSubStep = (runId: string, given: Partial<SubStep & { attempt: number }> = {}) => ({
    runId,
    attempt: 1,
    place: "enrich:0",
    key: "fetch",
    step: 0,
    result: '{"size":7}',
    ...given,
  });
  const at = (runId: string, given: Partial<SubStep> = {}) => ({ runId, place: "enrich:0", step: 0, ...given });

  describe(`${name} keeps what a node's code has come to`, () => {
    test("by key, for that node and pass alone, every text that JSON can hold and nothing at all", async () => {
      await using under = await open();
      const { subSteps } = under.store;
      const { runId } = (await aClaimedRun(under.store)).run;
      const other = (await aClaimedRun(under.store)).run.runId;
      const text = JSON.stringify('\u0000 \ud800 é 漢 " \\ \n');

      expect(await subSteps.keep(aSubStep(runId))).toBe("kept");
      await subSteps.keep(aSubStep(runId, { key: "nothing", result: null }));
      await subSteps.keep(aSubStep(runId, { key: "é 漢", result: text }));
      await subSteps.keep(aSubStep(runId, { place: "enrich:1" }));
      await subSteps.keep(aSubStep(other));

      expect(await subSteps.of(at(runId))).toEqual(
        new Map([
          ["fetch", '{"size":7}'],
          ["nothing", null],
          ["é 漢", text],
        ]),
      );
      expect([...(await subSteps.of(at(runId, { place: "enrich:1" })))]).toEqual([["fetch", '{"size":7}']]);
      expect([...(await subSteps.of(at("run_unknown")))]).toEqual([]);
    });

    test("once, when it is asked for again after a lost answer", async () => {
      await using under = await open();
      const { subSteps } = under.store;
      const { runId } = (await aClaimedRun(under.store)).run;

      expect([await subSteps.keep(aSubStep(runId)), await subSteps.keep(aSubStep(runId))]).toEqual(["kept", "kept"]);

      expect([...(await subSteps.of(at(runId)))]).toEqual([["fetch", '{"size":7}']]);
    });

    test("of its owner alone: one who has lost the run keeps nothing, and overwrites nothing", async () => {
      await using under = await open();
      const { runs, subSteps } = under.store;
      const { runId } = (await aClaimedRun(under.store, {}, ME)).run;
      await runs.release({ runId, attempt: 1, owner: ME });
      await claim(under.store, runId, { owner: OTHER });

      expect(await subSteps.keep(aSubStep(runId, { attempt: 2, result: "2" }))).toBe("kept");
      expect(await subSteps.keep(aSubStep(runId, { attempt: 1, result: "1" }))).toBe("stale");
      expect(await subSteps.keep(aSubStep(runId, { attempt: 1, key: "late" }))).toBe("stale");

      expect([...(await subSteps.of(at(runId)))]).toEqual([["fetch", "2"]]);
    });

    test("of a run that is under way: not of one that waits, has ended, or is not there", async () => {
      await using under = await open();
      const { runs, subSteps } = under.store;
      const waiting = await aClaimedRun(under.store);
      await runs.write(aWrite(waiting, { status: "waiting", interrupt: { kind: "human", node_id: "ask", data: {} } }));
      const ended = await aClaimedRun(under.store);
      await runs.write(aWrite(ended, { status: "completed" }));

      const verdicts = await Promise.all(
        [waiting.run.runId, ended.run.runId, "run_unknown"].map((runId) => subSteps.keep(aSubStep(runId))),
      );

      expect(verdicts).toEqual(["stale", "stale", "stale"]);
    });

    test("also while a cancel is asked for: the owner will meet it at its next write", async () => {
      await using under = await open();
      const { runId } = (await aClaimedRun(under.store)).run;
      await under.store.runs.cancel(aCancel(runId));

      expect(await under.store.subSteps.keep(aSubStep(runId))).toBe("kept");
    });

    test("of this visit: what an earlier one has left does not count, and is replaced", async () => {
      await using under = await open();
      const { subSteps } = under.store;
      const { runId } = (await aClaimedRun(under.store)).run;
      await subSteps.keep(aSubStep(runId, { step: 1, result: "1" }));
      await subSteps.keep(aSubStep(runId, { step: 1, key: "other" }));

      expect([...(await subSteps.of(at(runId, { step: 3 })))]).toEqual([]);
      await subSteps.keep(aSubStep(runId, { step: 3, result: "3" }));

      expect([...(await subSteps.of(at(runId, { step: 3 })))]).toEqual([["fetch", "3"]]);
    });

    test("until its node is committed", async () => {
      await using under = await open();
      const { subSteps } = under.store;
      const { runId } = (await aClaimedRun(under.store)).run;
      const other = (await aClaimedRun(under.store)).run.runId;
      await subSteps.keep(aSubStep(runId, { step: 1 }));
      await subSteps.keep(aSubStep(runId, { step: 2, place: "score:0" }));
      await subSteps.keep(aSubStep(other, { step: 1 }));

      await subSteps.forget({ runId, beforeStep: 2 });

      expect([...(await subSteps.of(at(runId)))]).toEqual([]);
      expect((await subSteps.of(at(runId, { place: "score:0" }))).size).toBe(1);
      expect((await subSteps.of(at(other))).size).toBe(1);
    });

    test("of each run its own, when many keep at once", async () => {
      await using under = await open();
      const { subSteps } = under.store;
      const ids = (await Promise.all(Array.from({ length: 20 }, () => aClaimedRun(under.store)))).map(({ run }) => run.runId);

      await Promise.all(ids.flatMap((runId, n) => ["a", "b", "c"].map((key) => subSteps.keep(aSubStep(runId, { key, result: `${n}` })))));

      const kept = await Promise.all(ids.map((runId) => subSteps.of(at(runId))));
      expect(kept.map((map) => [...map].toSorted())).toEqual(ids.map((_, n) => ["a", "b", "c"].map((key) => [key, `${n}`])));
    });

    test.each([{}, { idempotencyKey: "key", fingerprint: "f" }])("until the run is purged (%o)", async (given) => {
      await using under = await open();
      const { runs, subSteps, sweep } = under.store;
      const claimed = await aClaimedRun(under.store, given);
      const kept = await aClaimedRun(under.store);
      const { runId } = claimed.run;
      await subSteps.keep(aSubStep(runId));
      await subSteps.keep(aSubStep(kept.run.runId));
      await runs.write(aWrite(claimed, { status: "completed" }));
      await runs.markSent({ runId, sequence: 1 });
      await under.advance(2 * MINUTE_MS);

      await sweep.purge({ keepMs: MINUTE_MS, limit: 10 });

      expect((await subSteps.of(at(runId))).size).toBe(0);
      expect((await subSteps.of(at(kept.run.runId))).size).toBe(1);
    });

    if (features.durable && openSecond !== undefined)
      test("after the store was closed and opened again", async () => {
        const first = await open();
        const { runId } = (await aClaimedRun(first.store)).run;
        await first.store.subSteps.keep(aSubStep(runId));
        if (!features.shared) await first[Symbol.asyncDispose]();

        await using second = await openSecond(first);

        expect((await second.store.subSteps.of(at(runId))).size).toBe(1);
        if (features.shared) await first[Symbol.asyncDispose]();
      });
  });
}
