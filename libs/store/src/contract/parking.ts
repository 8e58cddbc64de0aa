import { describe, expect, test } from "vitest";
import type { Store } from "../store.ts";
import { aCancel, aClaimedRun, type aNewRun, anEvent, aWaitingRun, aWake, aWrite, claim, ME, OPERATOR, OTHER, PARKED } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

const MINUTE_MS = 60_000;

async function aParkedRun(store: Store, given: Parameters<typeof aNewRun>[0] = {}) {
  const claimed = await aClaimedRun(store, given);
  const { runId, attempt } = claimed.run;
  expect(await store.parking.park({ runId, attempt, owner: ME, parked: PARKED })).toBe(true);
  return claimed.run.runId;
}

/** Runs for which nobody has a fitting version. */
export function parkingContract({ name, open }: StoreContract): void {
  describe(`${name} parks runs`, () => {
    test("queued, with the reason, the state and the wake-up that they had", async () => {
      await using under = await open();
      const { runs, parking } = under.store;
      const waiting = await aWaitingRun(under.store);
      const { runId } = waiting.run;
      await runs.wake(aWake(runId));
      const woken = await claim(under.store, runId, { wake: 1 });

      await parking.park({ runId, attempt: woken.run.attempt, owner: ME, parked: PARKED });

      expect(await runs.find(runId)).toMatchObject({ status: "queued", wake: 1, parked: PARKED, definition: "0123456789abcdef" });
      const again = await claim(under.store, runId, { wake: 1, owner: OTHER });
      expect(again).toMatchObject({
        state: woken.state,
        position: woken.position,
        wakeKind: "resume",
        wakeBody: { answer: "yes" },
        silentClaims: 0,
        run: { parked: PARKED, interrupt: { kind: "human" } },
      });
      expect(again.outbox).toEqual(woken.outbox);
      expect(await runs.find(runId)).not.toHaveProperty("parked");
    });

    test("and lists those of an operator in order, in pages, until somebody has them", async () => {
      await using under = await open();
      const { parking } = under.store;
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) ids.push(await aParkedRun(under.store));
      await aParkedRun(under.store, { operatorId: "other" });
      await aClaimedRun(under.store);
      ids.sort();
      const idsOf = async (page: Parameters<typeof parking.list>[1]) => (await parking.list(OPERATOR, page)).map(({ runId }) => runId);

      expect(await idsOf({ limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await idsOf({ limit: 2, after: ids[1] ?? "" })).toEqual(ids.slice(2));
      expect((await parking.list(OPERATOR, { limit: 1 }))[0]).toEqual({
        runId: ids[0],
        operatorId: OPERATOR,
        workflowId: "qualify",
        definition: "0123456789abcdef",
        wake: 0,
        begun: false,
        position: null,
      });
      await claim(under.store, ids[0] ?? "");
      expect(await idsOf({ limit: 10 })).toEqual(ids.slice(1));
    });

    test("with what a worker must know of one that has begun, and of a rerun", async () => {
      await using under = await open();
      const { runs, parking } = under.store;
      const overrides = { model: { score: "opus" } };
      const claimed = await aClaimedRun(under.store, { overrides });
      await runs.write(aWrite(claimed));
      await parking.park({ runId: claimed.run.runId, attempt: 1, owner: ME, parked: PARKED });

      expect(await parking.list(OPERATOR, { limit: 1 })).toMatchObject([{ begun: true, position: "next_step", overrides }]);
    });

    test("until another version takes one over, which the run goes by then", async () => {
      await using under = await open();
      const { runs, parking } = under.store;
      const runId = await aParkedRun(under.store);
      const { run } = await claim(under.store, runId, { owner: OTHER });
      const request = { runId, attempt: run.attempt, owner: OTHER, definition: "fedcba9876543210" };

      expect([await parking.adopt(request), await parking.adopt(request)]).toEqual([true, true]);

      await runs.release({ runId, attempt: run.attempt, owner: OTHER });
      const next = await claim(under.store, runId);
      expect(next.run).toMatchObject({ definition: "fedcba9876543210" });
      expect(next.run).not.toHaveProperty("parked");
    });

    test("for their owner only, and not once a cancel is asked for", async () => {
      await using under = await open();
      const { runs, parking } = under.store;
      const { run } = await aClaimedRun(under.store);
      const mine = { runId: run.runId, attempt: 1, owner: ME };

      expect(await parking.park({ ...mine, owner: OTHER, parked: PARKED })).toBe(false);
      expect(await parking.park({ ...mine, attempt: 2, parked: PARKED })).toBe(false);
      expect(await parking.adopt({ ...mine, attempt: 2, definition: "v2" })).toBe(false);
      await runs.cancel(aCancel(run.runId));
      expect(await parking.park({ ...mine, parked: PARKED })).toBe(false);

      expect(await runs.find(run.runId)).toMatchObject({ status: "running", definition: "0123456789abcdef" });
    });

    test("and cancels them, and forgets why with the next wake-up", async () => {
      await using under = await open();
      const { runs } = under.store;
      const cancelled = await aParkedRun(under.store);
      const runId = await aParkedRun(under.store);

      expect(await runs.cancel(aCancel(cancelled))).toMatchObject({ did: "cancelled" });
      const claimed = await claim(under.store, runId);
      await runs.write(aWrite(claimed, { status: "waiting", interrupt: { kind: "human", node_id: "ask", data: {} } }));
      await runs.wake(aWake(runId));

      expect(await runs.find(runId)).toMatchObject({ status: "queued", wake: 1 });
      expect(await runs.find(runId)).not.toHaveProperty("parked");
      expect(await under.store.parking.list(OPERATOR, { limit: 10 })).toEqual([]);
    });

    test("and says their wake-up again after a minute, no sooner", async () => {
      await using under = await open();
      const { sweep } = under.store;
      await under.live("sweeper");
      const runId = await aParkedRun(under.store);
      const stuck = async () => (await sweep.findStuck({ sweeper: "sweeper", limit: 10 })).map((wakeUp) => wakeUp.runId);

      await under.advance(MINUTE_MS - 5_000);
      expect(await stuck()).toEqual([]);
      await under.advance(6_000);
      expect([await stuck(), await stuck()]).toEqual([[runId], []]);
      await under.advance(MINUTE_MS + 1_000);
      expect(await stuck()).toEqual([runId]);
    });

    test("and tells events of theirs that nobody has published", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      await under.store.runs.write(aWrite(claimed, { outbox: { from: 0, events: [anEvent("run.queued"), anEvent("node.completed")] } }));
      await under.store.parking.park({ runId: claimed.run.runId, attempt: 1, owner: ME, parked: PARKED });
      await under.advance(10_000);

      const [unsent] = await under.store.sweep.findUnsent({ olderThanMs: 5_000, limit: 10 });

      expect(unsent?.run.runId).toBe(claimed.run.runId);
      expect(unsent?.outbox.events).toHaveLength(2);
    });
  });
}
