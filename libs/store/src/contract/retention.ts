import { type OperatorManifest, RUN_STATUSES } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aCancel, aClaimedRun, aFinishedRun, aNewRun, aRunThatIs, aWrite, claim, ME, OPERATOR, OTHER } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function retentionContract({ name, open }: StoreContract): void {
  const kept = async ({ store }: StoreUnderTest) => (await store.runs.list({}, { limit: 100 })).map(({ runId }) => runId).sort();
  /** A run that ended and whose events are sent. */
  const anOldRun = async ({ store }: StoreUnderTest, given: Parameters<typeof aNewRun>[0]) => {
    const { run } = await aFinishedRun(store, "completed", given);
    await store.runs.markSent({ runId: run.runId, sequence: 100 });
    return run;
  };

  describe(`${name} purges`, () => {
    test("runs that ended before a time, at most as many as asked for", async () => {
      await using under = await open();
      for (const runId of ["run_a", "run_b", "run_c"]) await anOldRun(under, { runId });
      await under.advance(2 * MINUTE_MS);
      await anOldRun(under, { runId: "run_new" });
      const purge = (limit: number) => under.store.sweep.purge({ keepMs: MINUTE_MS, limit });

      expect(await under.store.sweep.purge({ keepMs: 3 * MINUTE_MS, limit: 10 })).toBe(0);
      expect([await purge(2), await purge(2), await purge(2)]).toEqual([2, 1, 0]);

      expect(await kept(under)).toEqual(["run_new"]);
    });

    test("nothing that has not ended, however old, and nothing whose events are unsent", async () => {
      await using under = await open();
      await under.live(ME);
      const runIds = new Map<string, string>();
      for (const status of RUN_STATUSES) {
        const runId = await aRunThatIs(under.store, status);
        runIds.set(status, runId);
        await under.store.runs.markSent({ runId, sequence: 100 });
      }
      await aFinishedRun(under.store, "failed", { runId: "run_unsent" });
      await under.advance(400 * DAY_MS);

      await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 100 });

      expect(await kept(under)).toEqual(["run_unsent", ...["queued", "running", "waiting"].map((status) => runIds.get(status))].sort());
    });

    test("nothing that began long ago and ended just now", async () => {
      await using under = await open();
      await under.live(ME);
      const claimed = await aClaimedRun(under.store, { runId: "run_long" });
      await under.advance(DAY_MS);
      await under.store.runs.write(aWrite(claimed, { status: "completed" }));
      await under.store.runs.markSent({ runId: "run_long", sequence: 100 });

      expect(await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 10 })).toBe(0);
    });

    test("each run once, of several who purge at once", async () => {
      await using under = await open();
      await Promise.all(Array.from({ length: 40 }, () => anOldRun(under, {})));
      await under.advance(2 * MINUTE_MS);

      const purged = await Promise.all(Array.from({ length: 8 }, () => under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 7 })));
      const rest = await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 100 });

      expect(purged.reduce((sum, count) => sum + count, rest)).toBe(40);
    });

    test("batch after batch past what stays", async () => {
      await using under = await open();
      for (let n = 0; n < 6; n++) {
        await anOldRun(under, { runId: `run_${n}_gone` });
        await anOldRun(under, { runId: `run_${n}_keyed`, idempotencyKey: `key ${n}` });
        await aNewRunIn(under, `run_${n}_queued`);
      }
      await under.advance(2 * MINUTE_MS);

      let purged = 0;
      for (let last = 4; last === 4; purged += last) last = await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 4 });

      expect(purged).toBe(12);
      expect(await kept(under)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `run_${n}_queued`));
    });

    test("a child only when its parent has ended; a run that another was run again from like any other", async () => {
      await using under = await open();
      const parent = await aClaimedRun(under.store, { runId: "run_parent" });
      await anOldRun(under, { runId: "run_child", parentRunId: "run_parent" });
      await anOldRun(under, { runId: "run_orphan", parentRunId: "run_long_gone" });
      await anOldRun(under, { runId: "run_first" });
      await under.advance(DAY_MS);
      await anOldRun(under, { runId: "run_again", rerunOf: "run_first" });

      await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 10 });
      expect(await kept(under)).toEqual(["run_again", "run_child", "run_parent"]);
      expect(await under.store.runs.find("run_again")).toMatchObject({ rerunOf: "run_first" });

      await under.store.runs.write(aWrite(parent, { status: "completed" }));
      await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 10 });
      expect(await kept(under)).toEqual(["run_again", "run_parent"]);
    });

    test("but not what their idempotency keys and origins claim, for 8 days", async () => {
      await using under = await open();
      const { sweep, runs } = under.store;
      const run = await anOldRun(under, { idempotencyKey: "key", fingerprint: "f", origin: "cron:daily:1" });
      const purge = () => sweep.purge({ keepMs: MINUTE_MS, limit: 10 });
      const again = () => runs.insert(aNewRun({ origin: "cron:daily:1" }));
      await under.advance(2 * MINUTE_MS);

      expect([await purge(), await purge()]).toEqual([1, 0]);
      expect(await runs.find(run.runId)).toBeUndefined();
      expect(await runs.findOutbox(run.runId)).toBeUndefined();
      expect(await kept(under)).toEqual([]);
      expect(await runs.cancel(aCancel(run.runId))).toEqual({ did: "not_found" });
      expect(await runs.insert(aNewRun({ idempotencyKey: "key" }))).toMatchObject({
        inserted: false,
        run: { runId: run.runId, status: "completed", input: {} },
        fingerprint: "f",
      });

      await under.advance(8 * DAY_MS - 4 * MINUTE_MS);
      await purge();
      expect(await again()).toMatchObject({ inserted: false });
      await under.advance(4 * MINUTE_MS);
      await purge();
      expect(await again()).toMatchObject({ inserted: true });
    });

    test("no worker that lives, however long", async () => {
      await using under = await open();
      await under.live(ME);
      const { run } = await aClaimedRun(under.store, {}, ME);
      await under.advance(3 * DAY_MS);

      await under.store.sweep.purge({ keepMs: MINUTE_MS, limit: 10 });

      await under.live(OTHER);
      await expect(claim(under.store, run.runId, { owner: OTHER })).rejects.toThrow("refused");
    });
  });

  describe(`${name} forgets versions of operators`, () => {
    const aManifest = (version: string): OperatorManifest => ({ id: OPERATOR, name: version, workflows: [], answers: {} });

    test("that were superseded long ago and that no run needs, never the current one", async () => {
      await using under = await open();
      const { manifests, runs, sweep } = under.store;
      for (const version of ["v1", "v2", "v3"]) await manifests.register(aManifest(version), version);
      await manifests.register({ ...aManifest("v1"), id: "desk" }, "v1");
      await runs.insert(aNewRun({ runId: "run_under_way", definition: "v1" }));
      const versions = () => under.versions(OPERATOR);
      await under.advance(2 * MINUTE_MS);

      await sweep.purge({ keepMs: 5 * MINUTE_MS, limit: 10 });
      expect(await versions()).toEqual(["v1", "v2", "v3"]);
      await sweep.purge({ keepMs: MINUTE_MS, limit: 10 });
      expect(await versions()).toEqual(["v1", "v3"]);

      await runs.write(aWrite(await claim(under.store, "run_under_way"), { status: "completed" }));
      await runs.markSent({ runId: "run_under_way", sequence: 100 });
      await under.advance(2 * MINUTE_MS);
      await sweep.purge({ keepMs: MINUTE_MS, limit: 10 });
      await sweep.purge({ keepMs: MINUTE_MS, limit: 10 });
      expect(await versions()).toEqual(["v3"]);
      expect(await manifests.find("desk")).toMatchObject({ version: "v1" });
    });
  });
}

async function aNewRunIn({ store }: StoreUnderTest, runId: string): Promise<void> {
  await store.runs.insert(aNewRun({ runId }));
  await store.runs.markSent({ runId, sequence: 0 });
}
