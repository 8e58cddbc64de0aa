import { newToken } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { EventWait } from "../event-waits.ts";
import { aClaimedRun, aFinishedRun, aWrite } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const DAY_MS = 86_400_000;

export function eventWaitsContract({ name, open }: StoreContract): void {
  const keep = ({ store }: StoreUnderTest, id: string, { type = "lead.replied", keys = [""] } = {}) =>
    store.eventWaits.keep({ id, type, matchKeys: keys, event: { id, type } });
  const aWait = (runId: string, given: Partial<EventWait> = {}): EventWait => ({
    runId,
    step: 0,
    wake: 0,
    since: 0,
    events: [{ type: "lead.replied", matchKey: "" }],
    needed: 1,
    ...given,
  });
  const idsOf = (arrived: readonly { readonly event: { readonly id?: unknown } }[]) => arrived.map(({ event }) => event.id);
  /** A run that waits, parked. */
  const park = async ({ store }: StoreUnderTest, given: Partial<EventWait> = {}) => {
    const claimed = await aClaimedRun(store);
    await store.eventWaits.open(aWait(claimed.run.runId, given));
    await store.runs.write(aWrite(claimed, { status: "waiting", interrupt: { kind: "event", node_id: "reply", data: {} } }));
    return claimed.run.runId;
  };
  const ready = async ({ store }: StoreUnderTest) => (await store.eventWaits.findReady(10)).map(({ runId }) => runId);

  describe(`${name} keeps events for those who wait`, () => {
    test("a wait finds what came before it, and what comes after", async () => {
      await using under = await open();
      const { eventWaits } = under.store;
      await keep(under, "e1");

      expect(idsOf(await eventWaits.open(aWait("run_a")))).toEqual(["e1"]);
      expect(await eventWaits.open(aWait("run_b", { events: [{ type: "lead.left", matchKey: "" }] }))).toEqual([]);
      await keep(under, "e2", { type: "lead.left" });

      expect(idsOf(await eventWaits.close({ runId: "run_b", step: 0, empty: false }))).toEqual(["e2"]);
      expect(idsOf(await eventWaits.close({ runId: "run_b", step: 0, empty: false }))).toEqual(["e2"]);
    });

    test("of several the first one, and the same wait again gets the same", async () => {
      await using under = await open();
      for (const id of ["e1", "e2", "e1"]) {
        await keep(under, id);
        await under.advance(5);
      }

      expect(idsOf(await under.store.eventWaits.open(aWait("run_a")))).toEqual(["e1"]);
      expect(idsOf(await under.store.eventWaits.open(aWait("run_a")))).toEqual(["e1"]);
    });

    test("one event reaches every run that waits for its key, and no other", async () => {
      await using under = await open();
      const [a, b, other] = [
        await park(under),
        await park(under),
        await park(under, { events: [{ type: "lead.replied", matchKey: "k" }] }),
      ];
      expect(await ready(under)).toEqual([]);

      await keep(under, "e1");
      expect((await ready(under)).toSorted()).toEqual([a, b].toSorted());

      await keep(under, "e2", { keys: ["", "k"] });
      expect(await ready(under)).toContain(other);
    });

    test("an event that a run was given is not given to it again; one that started it never is", async () => {
      await using under = await open();
      const { eventWaits } = under.store;
      await keep(under, "start");
      await under.advance(5);
      await keep(under, "e1");

      expect(idsOf(await eventWaits.open(aWait("run_a", { except: "start" })))).toEqual(["e1"]);
      await eventWaits.close({ runId: "run_a", step: 0, empty: false });
      expect(await eventWaits.open(aWait("run_a", { step: 1, except: "start" }))).toEqual([]);
      await keep(under, "e1");
      expect(await eventWaits.open(aWait("run_a", { step: 1 }))).toEqual([]);
      await keep(under, "e2");

      expect(idsOf(await eventWaits.close({ runId: "run_a", step: 1, empty: false }))).toEqual(["e2"]);
    });

    test("what was kept before the run began does not count, also when it is kept again", async () => {
      await using under = await open();
      await keep(under, "old");
      const runId = await park(under, { since: Date.now() + 60_000 });

      await keep(under, "old");
      expect(await ready(under)).not.toContain(runId);
    });

    test("a wait for several is ready when so many of the types have come, each once", async () => {
      await using under = await open();
      const events = ["a", "b", "c"].map((type) => ({ type, matchKey: "" }));
      const runId = await park(under, { events, needed: 2 });

      await keep(under, "a1", { type: "a" });
      await keep(under, "a2", { type: "a" });
      expect(await ready(under)).toEqual([]);
      await keep(under, "c1", { type: "c" });

      expect(await ready(under)).toEqual([runId]);
      expect(idsOf(await under.store.eventWaits.close({ runId, step: 0, empty: false })).toSorted()).toEqual(["a1", "c1"]);
      expect(await ready(under)).toEqual([]);
    });

    test("what is waited for now is told, each type with its fields once", async () => {
      await using under = await open();
      const { eventWaits } = under.store;
      const events = [{ type: "lead.replied", matchKey: "k" }];
      for (const runId of ["run_a", "run_b"]) await eventWaits.open(aWait(runId, { events, fields: ["a b", "c"] }));
      await eventWaits.open(aWait("run_c"));
      await eventWaits.open(aWait("run_d", { events: [{ type: "gone", matchKey: "" }] }));
      await eventWaits.close({ runId: "run_d", step: 0, empty: true });

      const waited = await eventWaits.findWaited();
      expect(waited).toHaveLength(2);
      expect(waited).toContainEqual({ type: "lead.replied", fields: ["a b", "c"] });
      expect(waited).toContainEqual({ type: "lead.replied", fields: [] });
    });

    test("a wait that was left, its run waiting for something else by now, wakes nobody", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      await under.store.eventWaits.open(aWait(claimed.run.runId));
      await under.store.runs.write(aWrite(claimed));
      await under.store.runs.write(aWrite(claimed, { step: 2, status: "waiting", interrupt: { kind: "human", node_id: "ask", data: {} } }));
      await keep(under, "e1");

      expect(await ready(under)).toEqual([]);
    });

    test("a run that does not wait yet is not ready; once it is parked it is", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      await under.store.eventWaits.open(aWait(claimed.run.runId));
      await keep(under, "e1");

      expect(await ready(under)).toEqual([]);
      await under.store.runs.write(aWrite(claimed, { status: "waiting" }));

      expect(await ready(under)).toEqual([claimed.run.runId]);
      const wake = { runId: claimed.run.runId, seen: 0, kind: "event" as const, body: null, wakeId: newToken() };
      expect(await under.store.runs.wake({ ...wake, event: { type: "run.resumed", time: "", data: {} } })).toBe(true);
      expect(await ready(under)).toEqual([]);
    });

    test("a wait that ends empty leaves what had arrived to the next one", async () => {
      await using under = await open();
      const { eventWaits } = under.store;
      await eventWaits.open(aWait("run_a"));
      await keep(under, "e1");

      expect(await eventWaits.close({ runId: "run_a", step: 0, empty: true })).toEqual([]);
      expect(idsOf(await eventWaits.open(aWait("run_a", { step: 3 })))).toEqual(["e1"]);
    });

    test("waits of runs that have ended go, and events after 90 days", async () => {
      await using under = await open();
      const { eventWaits, sweep } = under.store;
      const purge = () => sweep.purge({ keepMs: 400 * DAY_MS, limit: 50 });
      const { run } = await aFinishedRun(under.store);
      await eventWaits.open(aWait(run.runId));
      const waiting = await park(under);
      await purge();
      await keep(under, "e1");

      expect(await eventWaits.close({ runId: run.runId, step: 0, empty: false })).toEqual([]);
      expect(await ready(under)).toEqual([waiting]);
      await under.advance(89 * DAY_MS);
      await purge();
      expect(idsOf(await eventWaits.open(aWait(waiting, { step: 0 })))).toEqual(["e1"]);
      await under.advance(2 * DAY_MS);
      await purge();
      expect(await eventWaits.open(aWait(waiting, { step: 0 }))).toEqual([]);
    });
  });

  describe(`${name} knows events from outside`, () => {
    test("by their ids, for eight days", async () => {
      await using under = await open();
      const { outsideEvents, sweep } = under.store;
      await outsideEvents.record(["a", "b", "a"]);
      await outsideEvents.record(["b"]);

      expect([...(await outsideEvents.known(["a", "b", "c"]))]).toEqual(["a", "b"]);
      await under.advance(8 * DAY_MS + 60_000);
      await sweep.purge({ keepMs: 1, limit: 10 });
      expect([...(await outsideEvents.known(["a", "b", "c"]))]).toEqual([]);
    });
  });
}
