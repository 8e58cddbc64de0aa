import { type FinalStatus, isFinal, RUN_STATUSES, type Run, type RunStatus } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { NewRun, RunFilter } from "../runs.ts";
import type { Store } from "../store.ts";
import { aClaimedRun, aFinishedRun, aNewRun, anEvent, aRunThatIs, aWaitingRun, aWake, aWrite, claim } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

/** Pages of runs, whatever is asked for. */
export function listsContract({ name, open }: StoreContract): void {
  const idsOf = async ({ runs }: Store, filter: RunFilter) => (await runs.list(filter, { limit: 100 })).map(({ runId }) => runId).sort();
  const pagesOf = async ({ runs }: Store, filter: RunFilter, limit: number) => {
    const pages: (readonly string[])[] = [];
    for (let before: Run | undefined; ; ) {
      const page = await runs.list(filter, { limit, ...(before === undefined ? {} : { before }) });
      before = page.at(-1);
      if (before === undefined) return pages;
      pages.push(page.map(({ runId }) => runId));
    }
  };
  const insert = ({ runs }: Store, given: Partial<NewRun>) => runs.insert(aNewRun(given));

  describe(`${name} lists runs`, () => {
    test("newest first, runs of one millisecond by their ids, page after page", async () => {
      await using under = await open();
      // Inserted at once, so that many of them have the same time.
      await Promise.all(Array.from({ length: 25 }, (_, n) => insert(under.store, { runId: `run_${n * 7919}`, operatorId: `op_${n % 2}` })));

      const all = await under.store.runs.list({}, { limit: 100 });
      const inOrder = [...all].sort((a, b) => b.createdAt - a.createdAt || (a.runId < b.runId ? 1 : -1));
      const ids = inOrder.map(({ runId }) => runId);

      expect(all.map(({ runId }) => runId)).toEqual(ids);
      expect(ids).toHaveLength(25);
      expect((await pagesOf(under.store, {}, 4)).flat()).toEqual(ids);
      expect((await pagesOf(under.store, {}, 4)).map(({ length }) => length)).toEqual([4, 4, 4, 4, 4, 4, 1]);
      const odd = inOrder.filter(({ operatorId }) => operatorId === "op_1").map(({ runId }) => runId);
      expect((await pagesOf(under.store, { operatorId: "op_1" }, 5)).flat()).toEqual(odd);
      expect((await pagesOf(under.store, { statuses: ["queued"] }, 5)).flat()).toEqual(ids);
    });

    test("by operator, workflow and trigger", async () => {
      await using under = await open();
      for (let n = 0; n < 6; n++)
        await insert(under.store, { runId: `run_${n}`, operatorId: n % 2 ? "odd" : "even", workflowId: `w${n % 3}`, trigger: `t${n % 3}` });

      expect(await idsOf(under.store, { operatorId: "odd" })).toEqual(["run_1", "run_3", "run_5"]);
      expect(await idsOf(under.store, { operatorId: "even", workflowId: "w0" })).toEqual(["run_0"]);
      expect(await idsOf(under.store, { trigger: "t2" })).toEqual(["run_2", "run_5"]);
      expect(await idsOf(under.store, { trigger: "t2", workflowId: "w1" })).toEqual([]);
    });

    test.each(RUN_STATUSES)("that are %s, before and after their events are sent", async (status) => {
      await using under = await open();
      const ids = new Map<RunStatus, string>();
      for (const each of RUN_STATUSES) ids.set(each, await aRunThatIs(under.store, each));
      const wanted = [ids.get(status)];

      for (const filter of [{ statuses: [status] }, { statuses: [status], operatorId: "revenue_ops" }]) {
        expect(await idsOf(under.store, filter)).toEqual(wanted);
      }
      for (const runId of ids.values()) await under.store.runs.markSent({ runId, sequence: 9 });
      for (const filter of [{ statuses: [status] }, { statuses: [status], operatorId: "revenue_ops" }]) {
        expect(await idsOf(under.store, filter)).toEqual(wanted);
      }
      expect(await idsOf(under.store, { statuses: [status], operatorId: "another" })).toEqual([]);
      expect(await idsOf(under.store, {})).toEqual([...ids.values()].sort());
    });

    test("of several statuses as one list, page after page", async () => {
      await using under = await open();
      for (const status of RUN_STATUSES) for (let n = 0; n < 3; n++) await aRunThatIs(under.store, status);
      const final = RUN_STATUSES.filter(isFinal);

      const listed = (await pagesOf(under.store, { statuses: final }, 4)).flat();

      const all = await under.store.runs.list({}, { limit: 100 });
      expect(listed).toEqual(all.filter(({ status }) => isFinal(status)).map(({ runId }) => runId));
      expect(listed).toHaveLength(15);
    });

    test("as they are now: a waiting run that is woken, claimed and ended is listed as each", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store);
      const listedAs = async () => {
        const found = await Promise.all(RUN_STATUSES.map((status) => under.store.runs.list({ statuses: [status] }, { limit: 5 })));
        return RUN_STATUSES.filter((_, index) => (found[index]?.length ?? 0) > 0);
      };
      await under.store.runs.markSent({ runId: run.runId, sequence: 9 });
      expect(await listedAs()).toEqual(["waiting"]);

      await under.store.runs.wake(aWake(run.runId));
      expect(await listedAs()).toEqual(["queued"]);
      await claim(under.store, run.runId, { wake: 1 });
      expect(await listedAs()).toEqual(["running"]);
    });

    test("as waiting also where a timer will wake them, and as queued from then on", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store, { runId: "run_timed" });
      const interrupt = { kind: "timer", node_id: "cool_down", data: {} } as const;
      await under.store.runs.write(aWrite(claimed, { status: "waiting", interrupt, due: { afterMs: 60_000 } }));
      const waiting = { statuses: ["waiting"], operatorId: "revenue_ops" } as const;

      expect(await idsOf(under.store, waiting)).toEqual(["run_timed"]);
      await under.store.runs.markSent({ runId: "run_timed", sequence: 9 });
      expect(await idsOf(under.store, waiting)).toEqual(["run_timed"]);
      await under.advance(61_000);
      await under.store.sweep.wakeDue({ limit: 5, event: () => anEvent("run.resumed") });
      expect(await idsOf(under.store, waiting)).toEqual([]);
      expect(await idsOf(under.store, { statuses: ["queued"] })).toEqual(["run_timed"]);
    });

    test("by tags, all of which a run must have", async () => {
      await using under = await open();
      const tags = { run_a: { team: "emea", tier: "1" }, run_b: { team: "emea", tier: "2" }, run_c: { note: "team:emea" }, run_d: {} };
      for (const [runId, its] of Object.entries(tags)) await insert(under.store, { runId, tags: its as Record<string, string> });
      const by = (...asked: (readonly [string, string])[]) => idsOf(under.store, { tags: asked });

      expect(await by(["team", "emea"])).toEqual(["run_a", "run_b"]);
      expect(await by(["team", "emea"], ["tier", "2"])).toEqual(["run_b"]);
      expect(await by(["tier", "1"], ["tier", "2"])).toEqual([]);
      expect(await by(["team", "EMEA"])).toEqual([]);
      expect(await by(["emea", "team"])).toEqual([]);
      expect((await pagesOf(under.store, { tags: [["team", "emea"]] }, 1)).flat().sort()).toEqual(["run_a", "run_b"]);
      const emea = { tags: [["team", "emea"]] } as const;
      expect(await idsOf(under.store, { ...emea, operatorId: "another" })).toEqual([]);
      expect(await idsOf(under.store, { ...emea, statuses: ["completed"] })).toEqual([]);
      expect(await idsOf(under.store, { ...emea, statuses: ["completed", "queued"], workflowId: "qualify" })).toEqual(["run_a", "run_b"]);
    });

    test("by tags with words of any language, quotes and wildcards", async () => {
      await using under = await open();
      const texts = ['"', "%", "_", "a:b", "👩‍👩‍👧‍👦 ß", "\\", "", "'; --"];
      for (const [n, text] of texts.entries()) await insert(under.store, { runId: `run_${n}`, tags: { text } });

      for (const [n, text] of texts.entries()) expect(await idsOf(under.store, { tags: [["text", text]] })).toEqual([`run_${n}`]);
    });

    test("accepted at a time or later, and before another", async () => {
      await using under = await open();
      const times: number[] = [];
      for (let n = 0; n < 3; n++) {
        times.push((await insert(under.store, { runId: `run_${n}` })).run.createdAt);
        await new Promise((resolve) => setTimeout(resolve, 5)); // so that the next one has another time
      }
      const [first = 0, second = 0, third = 0] = times;

      for (const more of [{}, { operatorId: "revenue_ops" }, { statuses: ["queued"] as const }, { tags: [["team", "emea"]] as const }]) {
        expect(await idsOf(under.store, { ...more, createdFrom: second })).toEqual(["run_1", "run_2"]);
        expect(await idsOf(under.store, { ...more, createdBefore: second })).toEqual(["run_0"]);
        expect(await idsOf(under.store, { ...more, createdFrom: first, createdBefore: third })).toEqual(["run_0", "run_1"]);
        expect((await pagesOf(under.store, { ...more, createdBefore: third }, 1)).flat()).toEqual(["run_1", "run_0"]);
        expect(await idsOf(under.store, { ...more, createdFrom: third + 1 })).toEqual([]);
      }
    });

    test("but none that was purged, of which only the key is kept", async () => {
      await using under = await open();
      const { run } = await aFinishedRun(under.store, "completed" satisfies FinalStatus, { idempotencyKey: "k", fingerprint: "f" });
      await under.store.runs.markSent({ runId: run.runId, sequence: 9 });
      await aClaimedRun(under.store, { runId: "run_there" });
      await under.advance(10);

      expect(await under.store.sweep.purge({ keepMs: 1, limit: 10 })).toBe(1);

      for (const filter of [{}, { operatorId: "revenue_ops" }, { tags: [["team", "emea"]] as const }])
        expect(await idsOf(under.store, filter)).toEqual(["run_there"]);
      expect(await idsOf(under.store, { statuses: ["completed"] })).toEqual([]);
      expect(await under.store.runs.findByKey("k")).toMatchObject({ run: { runId: run.runId }, fingerprint: "f" });
    });
  });
}
