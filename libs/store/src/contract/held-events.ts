import { newRunId, type OpenVibeEvent, type Pacing, type RunId } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aCancel, aNewRun, aWrite, claim } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const DAY_MS = 86_400_000;
const DEBOUNCE: Pacing = { debounce: { wait_ms: 10_000, max_ms: 25_000 } };

export function heldEventsContract({ name, open, openSecond, features }: StoreContract): void {
  const anEvent = (id: string): OpenVibeEvent => {
    const nobody = { operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null };
    return { id, type: "lead.changed", time: "2026-11-28T10:00:00.000Z", ...nobody, data: { id, odd: "\u0000\ud800" } };
  };
  let places = 0;
  const hold = ({ store }: StoreUnderTest, id: string, pacing: Pacing, key = "") =>
    store.heldEvents.hold({
      operatorId: "sales",
      triggerId: "changed",
      event: anEvent(id),
      hops: 1,
      place: ++places,
      pacing,
      key,
      origin: `event:sales.changed:${id}`,
    });
  /** Takes all that is due, and gives it. */
  const taken = async ({ store: { heldEvents } }: StoreUnderTest) => {
    await heldEvents.tidy();
    for (let n = 0; n < 20 && (await heldEvents.take({ limit: 100, newRunId: () => newRunId(Date.now()) })) > 0; n++);
    return await heldEvents.findTaken(100);
  };
  const idsOf = (runs: readonly { readonly events: readonly OpenVibeEvent[] }[]) =>
    runs.map(({ events }) => events.map(({ id }) => id).join(" ")).toSorted();
  /** Makes the runs that events were given to. */
  const start = async (under: StoreUnderTest): Promise<readonly RunId[]> => {
    const found = await taken(under);
    for (const { runId } of found) {
      await under.store.runs.insert(aNewRun({ runId }));
      await under.store.heldEvents.settle(runId);
    }
    return found.map(({ runId }) => runId);
  };
  const finish = async ({ store }: StoreUnderTest, runId = "") => {
    const claimed = await claim(store, runId);
    await store.runs.write(aWrite(claimed, { status: "completed", position: null }));
  };

  describe(`${name} holds events until their trigger starts a run`, () => {
    test("debounced: the last one after a quiet time, at the latest when the first has waited for so long", async () => {
      await using under = await open();
      await hold(under, "a1", DEBOUNCE, "a");
      await hold(under, "b1", DEBOUNCE, "b");
      await under.advance(9_000);
      await hold(under, "a2", DEBOUNCE, "a");
      await hold(under, "a2", DEBOUNCE, "a");
      expect(await taken(under)).toEqual([]);
      await under.advance(1_000);
      expect(idsOf(await taken(under))).toEqual(["b1"]);
      await under.advance(8_000);
      await hold(under, "a3", DEBOUNCE, "a");
      await under.advance(7_000);

      const runs = await taken(under);
      expect(idsOf(runs)).toEqual(["a3", "b1"]);
      const last = runs.find(({ events }) => events[0]?.id === "a3");
      expect(last).toMatchObject({ operatorId: "sales", triggerId: "changed", hops: 1, isBatch: false, events: [anEvent("a3")] });
      for (const { runId } of runs) await under.store.heldEvents.settle(runId);
      expect(await taken(under)).toEqual([]);
    });

    test("an event that was held is not held again, nor one that has a run of its own", async () => {
      await using under = await open();
      await under.store.runs.insert(aNewRun({ origin: "event:sales.changed:own" }));
      await hold(under, "own", { rate: { limit: 9, per_ms: 1_000 } });
      await hold(under, "e", { rate: { limit: 9, per_ms: 1_000 } });
      expect(await start(under)).toHaveLength(1);

      await hold(under, "e", { rate: { limit: 9, per_ms: 1_000 } });

      expect(await start(under)).toHaveLength(0);
    });

    test("in batches: so many in their order, at the latest when the first has waited", async () => {
      await using under = await open();
      const batch: Pacing = { batch: { size: 3, wait_ms: 5_000 } };
      for (const id of ["e1", "e2"]) await hold(under, id, batch);
      expect(await taken(under)).toEqual([]);
      for (const id of ["e3", "e4", "e5", "e6", "e7"]) await hold(under, id, batch);

      expect(idsOf(await taken(under))).toEqual(["e1 e2 e3", "e4 e5 e6"]);
      await under.advance(5_000);
      expect(idsOf(await taken(under))).toEqual(["e1 e2 e3", "e4 e5 e6", "e7"]);
      expect((await taken(under))[0]?.isBatch).toBe(true);
    });

    test("by rate: no more starts within any such time, the others in their order afterwards", async () => {
      await using under = await open();
      const rate: Pacing = { rate: { limit: 2, per_ms: 10_000 } };
      for (const id of ["e1", "e2", "e3", "e4", "e5"]) await hold(under, id, rate);
      await hold(under, "other", rate, "k");

      expect(idsOf(await taken(under))).toEqual(["e1", "e2", "other"]);
      await start(under);
      await under.advance(9_000);
      expect(await taken(under)).toEqual([]);
      await under.advance(1_500);
      expect(idsOf(await taken(under))).toEqual(["e3", "e4"]);
    });

    test("by room: so many queued or running, the next when one of them has ended or waits", async () => {
      await using under = await open();
      const concurrency: Pacing = { concurrency: { limit: 2 } };
      for (const id of ["e1", "e2", "e3", "e4"]) await hold(under, id, concurrency);

      expect(idsOf(await taken(under))).toEqual(["e1", "e2"]);
      const [first, second] = await start(under);
      expect(await taken(under)).toEqual([]);
      await finish(under, first);
      expect(idsOf(await taken(under))).toEqual(["e3"]);
      await start(under);
      const claimed = await claim(under.store, second ?? "");
      expect(await taken(under)).toEqual([]);
      await under.store.runs.write(aWrite(claimed, { status: "waiting" }));
      expect(idsOf(await taken(under))).toEqual(["e4"]);
    });

    test("a singleton that skips: what comes while a run is under way starts none, also later", async () => {
      await using under = await open();
      const singleton: Pacing = { singleton: { mode: "skip" } };
      await hold(under, "e1", singleton);
      await hold(under, "k1", singleton, "k");
      const runIds = await start(under);
      expect(runIds).toHaveLength(2);
      await hold(under, "e2", singleton);
      expect(await taken(under)).toEqual([]);
      for (const runId of runIds) await finish(under, runId);
      expect(await taken(under)).toEqual([]);

      await hold(under, "e3", singleton);

      expect(idsOf(await taken(under))).toEqual(["e3"]);
    });

    test("a singleton that cancels: the newest follows the run under way, those between start none", async () => {
      await using under = await open();
      const { heldEvents, runs } = under.store;
      const singleton: Pacing = { singleton: { mode: "cancel" } };
      await hold(under, "e1", singleton);
      const [runId = ""] = await start(under);
      expect(await heldEvents.findSuperseded(10)).toEqual([]);
      await hold(under, "e2", singleton);
      await hold(under, "e3", singleton);

      expect(await taken(under)).toEqual([]);
      expect(await heldEvents.findSuperseded(10)).toEqual([{ operatorId: "revenue_ops", runId }]);
      await runs.cancel(aCancel(runId));

      expect(idsOf(await taken(under))).toEqual(["e3"]);
      expect(await heldEvents.findSuperseded(10)).toEqual([]);
    });

    test("of many who take at once each event goes to one run", async () => {
      await using under = await open();
      for (let n = 0; n < 12; n++) await hold(under, `b${n}`, { batch: { size: 4, wait_ms: 60_000 } }, "b");
      for (let n = 0; n < 6; n++) await hold(under, `r${n}`, { rate: { limit: 3, per_ms: 60_000 } }, "r");
      for (let n = 0; n < 6; n++) await hold(under, `c${n}`, { concurrency: { limit: 2 } }, "c");

      await Promise.all(Array.from({ length: 6 }, () => taken(under)));

      const ids = (await taken(under)).flatMap(({ events }) => events.map(({ id }) => id));
      expect(ids).toHaveLength(new Set(ids).size);
      const counts = ["b", "r", "c"].map((group) => ids.filter((id) => id.startsWith(group)).length);
      expect(counts).toEqual([12, 3, 2]);
    });

    test("lets so many starts through that were asked for, by key, however many ask at once, and again when the time is over", async () => {
      await using under = await open();
      const ask = (key: string) => under.store.heldEvents.admit({ operatorId: "sales", triggerId: "asked", key, limit: 3, perMs: 60_000 });
      const passed = async (key: string) =>
        (await Promise.all(Array.from({ length: 8 }, () => ask(key)))).filter((wait) => wait === 0).length;

      expect(await Promise.all([passed("a"), passed("b")])).toEqual([3, 3]);
      expect(await under.store.heldEvents.isEmpty()).toBe(true);
      const wait = await ask("a");
      expect(wait).toBeGreaterThan(50_000);
      expect(wait).toBeLessThanOrEqual(60_000);
      await under.advance(60_001);

      expect(await passed("a")).toBe(3);
      await under.advance(60_001);
      const fewer = { operatorId: "sales", triggerId: "asked", key: "a", limit: 1, perMs: 60_000 };
      expect(await under.store.heldEvents.admit(fewer)).toBe(0);
      expect(await under.store.heldEvents.admit(fewer)).toBeGreaterThan(50_000);
      await under.advance(60_001);
      await under.store.sweep.purge({ keepMs: DAY_MS, limit: 50 });
      expect(await passed("b")).toBe(3);
    });

    test("nobody who takes while events are being held exceeds a limit", async () => {
      await using under = await open();
      const keys = Array.from({ length: 12 }, (_, n) => `k${n}`);
      const holding = Promise.all(
        keys.map(async (key) => {
          for (const n of [1, 2, 3]) await hold(under, `${key} ${n}`, { rate: { limit: 1, per_ms: 600_000 } }, key);
        }),
      );
      let held = false;
      void holding.then(() => {
        held = true;
      });
      const takers = Array.from({ length: 4 }, async () => {
        while (!held) await under.store.heldEvents.take({ limit: 100, newRunId: () => newRunId(Date.now()) });
      });
      await Promise.all([holding, ...takers]);

      expect(idsOf(await taken(under))).toEqual(keys.map((key) => `${key} 1`).toSorted());
    });

    test("tells when the next are due because time has passed", async () => {
      await using under = await open();
      const { heldEvents } = under.store;
      expect(await heldEvents.nextDue()).toBeUndefined();
      await hold(under, "r", { rate: { limit: 1, per_ms: 5 } }, "r");
      expect(await heldEvents.nextDue()).toBeUndefined();
      await hold(under, "b", { batch: { size: 9, wait_ms: 60_000 } }, "b");
      const batch = (await heldEvents.nextDue()) ?? 0;
      await hold(under, "d", { debounce: { wait_ms: 20_000, max_ms: 90_000 } }, "d");
      const debounce = (await heldEvents.nextDue()) ?? 0;

      expect(batch - debounce).toBeGreaterThan(39_000);
      expect(batch - debounce).toBeLessThan(41_000);
    });

    test("an event is known for eight days after its run has ended", async () => {
      await using under = await open();
      const concurrency: Pacing = { concurrency: { limit: 5 } };
      const purge = () => under.store.sweep.purge({ keepMs: 400 * DAY_MS, limit: 50 });
      await hold(under, "done", concurrency);
      const [done] = await start(under);
      await hold(under, "open", concurrency);
      await start(under);
      await finish(under, done);
      await taken(under);
      await under.advance(9 * DAY_MS);
      await purge();

      for (const id of ["done", "open"]) await hold(under, id, concurrency);

      expect(idsOf(await taken(under))).toEqual(["done"]);
    });

    if (features.durable && openSecond !== undefined)
      test("what was taken by a process that died is found by the next one, under the same run", async () => {
        await using first = await open();
        await hold(first, "e", { rate: { limit: 1, per_ms: 60_000 } });
        const before = await taken(first);
        if (!features.shared) await first[Symbol.asyncDispose]();

        await using second = await openSecond(first);

        expect(await taken(second)).toEqual(before);
        expect(before).toHaveLength(1);
      });
  });
}
