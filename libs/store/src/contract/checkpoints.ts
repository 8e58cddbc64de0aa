import type { RunId } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { CheckpointOwner, StoredCheckpoint, StoredWrite } from "../checkpoints.ts";
import { aClaimedRun, aFinishedRun, aWrite, claim, ME, OTHER } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const MINUTE_MS = 60_000;
const ODD = JSON.stringify({ text: 'Zoë \u0000 \ud83d 漢 " \\', deep: [{ a: null }] });

const aCheckpoint = (checkpointId: string, given: Partial<StoredCheckpoint> = {}): StoredCheckpoint => ({
  threadId: "thread",
  namespace: "",
  checkpointId,
  parentId: null,
  checkpoint: ODD,
  channels: `{"from":"${checkpointId}"}`,
  metadata: "{}",
  ...given,
});
const aTaskWrite = (index: number, write: string, given: Partial<StoredWrite> = {}): StoredWrite => ({
  threadId: "thread",
  namespace: "",
  checkpointId: "c1",
  taskId: "task",
  taskPath: "path",
  index,
  write,
  ...given,
});

/** Checkpoints of the graphs that a run's steps bring: written by the run's owner alone, gone with their run. */
export function checkpointsContract({ name, open }: StoreContract): void {
  const ownerOf = async ({ store }: StoreUnderTest, given = {}): Promise<CheckpointOwner> => {
    const { runId, attempt } = (await aClaimedRun(store, given)).run;
    return { runId, attempt };
  };
  const idsOf = async ({ store }: StoreUnderTest, runId: RunId, place = {}) =>
    (await store.checkpoints.list(runId, place)).map(({ checkpointId }) => checkpointId);

  describe(`${name} keeps checkpoints`, () => {
    test("as they were, newest first, of a thread, of a namespace or of all the run's", async () => {
      await using under = await open();
      const [owner, other] = [await ownerOf(under), await ownerOf(under)];
      const { checkpoints } = under.store;
      const child = { namespace: "child:1", parentId: "c0" };

      for (const one of [aCheckpoint("c2"), aCheckpoint("c10"), aCheckpoint("c1", child), aCheckpoint("c3", { threadId: "second" })])
        expect(await checkpoints.put(owner, one)).toBe(true);
      await checkpoints.put(other, aCheckpoint("c9"));

      expect(await checkpoints.list(owner.runId, { threadId: "thread", namespace: "child:1" })).toEqual([aCheckpoint("c1", child)]);
      expect(await idsOf(under, owner.runId, { threadId: "thread", namespace: "" })).toEqual(["c2", "c10"]);
      expect(await idsOf(under, owner.runId, { threadId: "thread" })).toEqual(["c2", "c10", "c1"]);
      expect(await idsOf(under, owner.runId)).toEqual(["c3", "c2", "c10", "c1"]);
      expect(await idsOf(under, other.runId)).toEqual(["c9"]);
    });

    test("a checkpoint that is put again takes the old one's place", async () => {
      await using under = await open();
      const owner = await ownerOf(under);

      await under.store.checkpoints.put(owner, aCheckpoint("c1"));
      await under.store.checkpoints.put(owner, aCheckpoint("c1", { metadata: '{"step":1}' }));

      expect(await under.store.checkpoints.list(owner.runId)).toEqual([aCheckpoint("c1", { metadata: '{"step":1}' })]);
    });

    test("and what tasks wrote: of an index below 0 the newest, of others the first", async () => {
      await using under = await open();
      const owner = await ownerOf(under);
      const { checkpoints } = under.store;

      expect(await checkpoints.putWrites(owner, [aTaskWrite(0, "first"), aTaskWrite(1, ODD), aTaskWrite(-3, "asked")])).toBe(true);
      expect(await checkpoints.putWrites(owner, [aTaskWrite(0, "again"), aTaskWrite(-3, "asked again", { taskPath: "other" })])).toBe(true);
      expect(await checkpoints.putWrites(owner, [])).toBe(true);

      const kept = (await checkpoints.writes(owner.runId, { threadId: "thread", namespace: "" })).toSorted((a, b) => a.index - b.index);
      expect(kept).toEqual([aTaskWrite(-3, "asked again", { taskPath: "other" }), aTaskWrite(0, "first"), aTaskWrite(1, ODD)]);
      expect(await checkpoints.writes(owner.runId, { threadId: "second" })).toEqual([]);
    });

    test("of a run's owner alone: a stale attempt, and one whose run waits or has ended, writes nothing", async () => {
      await using under = await open();
      const { runs, checkpoints } = under.store;
      const stale = await ownerOf(under);
      await runs.release({ ...stale, owner: ME });
      const taken = await claim(under.store, stale.runId, { owner: OTHER });
      const parked = await aClaimedRun(under.store);
      await runs.write(aWrite(parked, { status: "waiting", interrupt: { kind: "human", node_id: "ask", data: {} } }));
      const ended = await aFinishedRun(under.store);
      const refused = [
        stale,
        ...[parked, ended].map(({ run: { runId, attempt } }) => ({ runId, attempt })),
        { runId: "run_none", attempt: 1 },
      ];

      for (const owner of refused) {
        expect(await checkpoints.put(owner, aCheckpoint("c1"))).toBe(false);
        expect(await checkpoints.putWrites(owner, [aTaskWrite(0, "late")])).toBe(false);
        expect([await checkpoints.list(owner.runId), await checkpoints.writes(owner.runId)]).toEqual([[], []]);
      }

      expect(await checkpoints.put({ runId: stale.runId, attempt: taken.run.attempt }, aCheckpoint("c1"))).toBe(true);
    });

    test("until their thread is deleted", async () => {
      await using under = await open();
      const owner = await ownerOf(under);
      const { checkpoints } = under.store;
      for (const threadId of ["thread", "second"]) {
        await checkpoints.put(owner, aCheckpoint("c1", { threadId }));
        await checkpoints.putWrites(owner, [aTaskWrite(0, "one", { threadId })]);
      }

      await checkpoints.deleteThread(owner.runId, "thread");

      expect(await checkpoints.list(owner.runId)).toEqual([aCheckpoint("c1", { threadId: "second" })]);
      expect(await checkpoints.writes(owner.runId)).toEqual([aTaskWrite(0, "one", { threadId: "second" })]);
    });

    test.each([{}, { idempotencyKey: "key", fingerprint: "f" }])("until the run is purged (%o)", async (given) => {
      await using under = await open();
      const { runs, checkpoints, sweep } = under.store;
      const kept = await ownerOf(under);
      const purged = await aClaimedRun(under.store, given);
      const { runId, attempt } = purged.run;
      for (const owner of [kept, { runId, attempt }]) {
        await checkpoints.put(owner, aCheckpoint("c1"));
        await checkpoints.putWrites(owner, [aTaskWrite(0, "one")]);
      }
      await runs.write(aWrite(purged, { status: "completed" }));
      await runs.markSent({ runId, sequence: 1 });
      await under.advance(2 * MINUTE_MS);

      await sweep.purge({ keepMs: MINUTE_MS, limit: 10 });

      expect(await runs.find(runId)).toBeUndefined();
      expect([await checkpoints.list(runId), await checkpoints.writes(runId)]).toEqual([[], []]);
      expect([(await checkpoints.list(kept.runId)).length, (await checkpoints.writes(kept.runId)).length]).toEqual([1, 1]);
    });
  });
}
