import { RUN_STATUSES } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aCancel, aClaimedRun, aFinishedRun, aNewRun, aRunThatIs, aWaitingRun, OPERATOR } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const PARENT = "run_parent";

export function childrenContract({ name, open }: StoreContract): void {
  /** A child that was just begun. */
  const aChild = ({ store }: StoreUnderTest, origin: string, parentRunId = PARENT) =>
    store.runs.insert(aNewRun({ runId: `run_${origin.replaceAll(":", "_")}`, origin, parentRunId }));

  describe(`${name} knows the children of a run`, () => {
    test.each(RUN_STATUSES)("and whether one is %s", async (status) => {
      await using under = await open();
      const runId = await aRunThatIs(under.store, status);

      expect(await under.store.children.statusOf(runId)).toBe(status);
    });

    test("and that one is not there", async () => {
      await using under = await open();

      expect(await under.store.children.statusOf("run_nowhere")).toBeUndefined();
    });

    test("by the beginning of their origins, oldest first, page after page", async () => {
      await using under = await open();
      const origins = Array.from({ length: 7 }, (_, index) => `child:p:all:1:${index}`);
      for (const origin of origins) {
        await aChild(under, origin);
        await under.advance(1);
      }
      for (const other of ["child:p:all:10:0", "child:p:al:1:0", "CHILD:p:all:1:0", "child:p:all%:1:0"]) await aChild(under, other);
      await aChild(under, "child:q:all:1:0", "run_other");
      await under.store.runs.insert(aNewRun({ runId: "run_no_origin", parentRunId: PARENT }));
      const asked = { parentRunId: PARENT, origin: "child:p:all:1:", limit: 3 };

      const first = await under.store.children.list(asked);
      const second = await under.store.children.list({ ...asked, after: first.at(-1)?.run as { runId: string; createdAt: number } });
      const third = await under.store.children.list({ ...asked, after: second.at(-1)?.run as { runId: string; createdAt: number } });

      expect([first, second, third].map((page) => page.map(({ origin }) => origin))).toEqual([
        origins.slice(0, 3),
        origins.slice(3, 6),
        origins.slice(6),
      ]);
      expect(first[0]?.run).toMatchObject({
        runId: "run_child_p_all_1_0",
        parentRunId: PARENT,
        status: "queued",
        input: { company: "ACME" },
      });
    });

    test("of which those are open that have not ended and are not asked to", async () => {
      await using under = await open();
      const given = { parentRunId: PARENT };
      await under.store.runs.insert(aNewRun({ ...given, runId: "run_queued" }));
      await aClaimedRun(under.store, { ...given, runId: "run_running" });
      await aWaitingRun(under.store, { ...given, runId: "run_waiting" });
      await aClaimedRun(under.store, { ...given, runId: "run_asked" });
      await under.store.runs.cancel(aCancel("run_asked"));
      await aFinishedRun(under.store, "completed", { ...given, runId: "run_ended" });
      await aWaitingRun(under.store, { runId: "run_stranger" });
      await aWaitingRun(under.store, { parentRunId: "run_other", runId: "run_of_another" });

      const found = await under.store.children.findOpen({ parentRunId: PARENT, limit: 10 });

      expect(found.map(({ runId }) => runId).toSorted()).toEqual(["run_queued", "run_running", "run_waiting"]);
      expect(found[0]).toMatchObject({ operatorId: OPERATOR });
      expect(await under.store.children.findOpen({ parentRunId: PARENT, limit: 2 })).toHaveLength(2);
      expect(await under.store.children.findOpen({ parentRunId: "run_stranger", limit: 10 })).toEqual([]);
    });

    test("and lists them, newest first, by status and tag as other runs", async () => {
      await using under = await open();
      await aClaimedRun(under.store, { parentRunId: PARENT, runId: "run_a", tags: { team: "x" } });
      await under.advance(1);
      await aFinishedRun(under.store, "failed", { parentRunId: PARENT, runId: "run_b", operatorId: "other" });
      await aClaimedRun(under.store, { parentRunId: "run_other", runId: "run_c", tags: { team: "x" } });
      const idsOf = async (filter: object) => (await under.store.runs.list(filter, { limit: 10 })).map(({ runId }) => runId);

      expect(await idsOf({ parentRunId: PARENT })).toEqual(["run_b", "run_a"]);
      expect(await idsOf({ parentRunId: PARENT, statuses: ["failed"] })).toEqual(["run_b"]);
      expect(await idsOf({ parentRunId: PARENT, operatorId: OPERATOR })).toEqual(["run_a"]);
      expect(await idsOf({ parentRunId: PARENT, tags: [["team", "x"]] })).toEqual(["run_a"]);
      expect(await idsOf({ parentRunId: PARENT, workflowId: "another" })).toEqual([]);
      expect(await idsOf({ parentRunId: "run_a" })).toEqual([]);
    });
  });
}
