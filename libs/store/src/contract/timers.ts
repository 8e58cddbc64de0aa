import { describe, expect, test } from "vitest";
import type { RunWrite } from "../runs.ts";
import { aCancel, aClaimedRun, aNewRun, anEvent, aWake, aWrite, claim, ME } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const wakeDue = ({ store }: StoreUnderTest, limit = 10) => store.sweep.wakeDue({ limit, event: () => anEvent("run.resumed") });

async function aTimedRun({ store }: StoreUnderTest, due: NonNullable<RunWrite["due"]>) {
  const claimed = await aClaimedRun(store);
  const interrupt = { kind: "timer", node_id: "cool_down", data: {} } as const;
  await store.runs.write(aWrite(claimed, { status: "waiting", interrupt, due }));
  return claimed.run;
}

export function timersContract({ name, open }: StoreContract): void {
  describe(`${name} wakes runs whose time has come`, () => {
    test("not before, and then once, with the next number, kind timer and an event", async () => {
      await using under = await open();
      const run = await aTimedRun(under, { afterMs: 60_000 });

      expect(await wakeDue(under)).toEqual([]);
      await under.advance(61_000);
      expect(await wakeDue(under)).toEqual([{ operatorId: run.operatorId, runId: run.runId, kind: "timer", wake: 1 }]);
      expect(await wakeDue(under)).toEqual([]);

      const woken = await claim(under.store, run.runId, { wake: 1 });
      expect(woken).toMatchObject({ wakeKind: "timer", wakeBody: null, run: { interrupt: { node_id: "cool_down" } } });
      expect(woken.outbox.events.map(({ type }) => type)).toContain("run.resumed");
    });

    test("as a retry, where a node waits for its next attempt", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const interrupt = { kind: "retry", node_id: "call", data: { attempt: 2 } } as const;
      await under.store.runs.write(aWrite(claimed, { status: "waiting", interrupt, due: { at: 1 } }));
      const human = await aClaimedRun(under.store);
      const question = { kind: "human", node_id: "ask", data: { prompt: '{"kind":"retry", \u0000' } } as const;
      await under.store.runs.write(aWrite(human, { status: "waiting", interrupt: question, due: { at: 1 } }));

      const woken = await under.store.sweep.wakeDue({ limit: 10, event: (kind) => anEvent(`told.${kind}`) });

      expect(woken.map(({ runId, kind }) => [runId, kind]).toSorted()).toEqual(
        [
          [claimed.run.runId, "retry"],
          [human.run.runId, "timer"],
        ].toSorted(),
      );
      const [retried, timed] = await Promise.all([claimed, human].map(({ run }) => claim(under.store, run.runId, { wake: 1 })));
      expect(retried).toMatchObject({ wakeKind: "retry", run: { interrupt: { data: { attempt: 2 } } } });
      expect([retried, timed].map((one) => one?.outbox.events.at(-1)?.type)).toEqual(["told.retry", "told.timer"]);
    });

    test("also after more days than a 32-bit timer has milliseconds", async () => {
      await using under = await open();
      const run = await aTimedRun(under, { afterMs: 42 * 86_400_000 });

      await under.advance(41 * 86_400_000);
      expect(await wakeDue(under)).toEqual([]);
      await under.advance(2 * 86_400_000);

      expect(await wakeDue(under)).toMatchObject([{ runId: run.runId }]);
    });

    test("at a time that was named, also one that has passed", async () => {
      await using under = await open();
      const run = await aTimedRun(under, { at: 1 });

      expect(await wakeDue(under)).toMatchObject([{ runId: run.runId }]);
    });

    test("once its events are sent it is still found", async () => {
      await using under = await open();
      const run = await aTimedRun(under, { afterMs: 60_000 });
      await under.store.runs.markSent({ runId: run.runId, sequence: 100 });

      await under.advance(61_000);

      expect(await wakeDue(under)).toMatchObject([{ runId: run.runId }]);
    });

    test("a timer and an answer: one of them wakes it", async () => {
      await using under = await open();
      const run = await aTimedRun(under, { at: 1 });

      const [due, resumed] = await Promise.all([wakeDue(under), under.store.runs.wake(aWake(run.runId))]);

      expect([due.length === 1, resumed].filter((won) => won)).toHaveLength(1);
      expect(await under.store.runs.find(run.runId)).toMatchObject({ status: "queued", wake: 1 });
    });

    test("a run that was answered, that is cancelled, or that never had a time is left alone", async () => {
      await using under = await open();
      const answered = await aTimedRun(under, { afterMs: 1_000 });
      await under.store.runs.wake(aWake(answered.runId));
      await claim(under.store, answered.runId, { wake: 1, owner: ME });
      const cancelled = await aTimedRun(under, { afterMs: 1_000 });
      await under.store.runs.cancel(aCancel(cancelled.runId));
      const endless = await aClaimedRun(under.store);
      await under.store.runs.write(aWrite(endless, { status: "waiting", interrupt: { kind: "human", node_id: "ask", data: {} } }));

      await under.advance(10_000);

      expect(await wakeDue(under)).toEqual([]);
    });

    test("tells the soonest time at which one is to be woken, or ended by its deadline; of none when nobody waits for time", async () => {
      await using under = await open();
      const { sweep } = under.store;
      expect(await sweep.nextDue()).toBeUndefined();
      const endless = await aClaimedRun(under.store);
      await under.store.runs.write(aWrite(endless, { status: "waiting", interrupt: { kind: "human", node_id: "ask", data: {} } }));
      const soon = Date.now() + 60_000;
      expect(await sweep.nextDue()).toBeUndefined();

      await aTimedRun(under, { at: soon + 3_000 });
      expect(await sweep.nextDue()).toBe(soon + 3_000);
      await under.store.runs.insert({ ...aNewRun(), deadline: soon + 2_000 });
      expect(await sweep.nextDue()).toBe(soon + 2_000);
      const woken = await aTimedRun(under, { at: soon + 1_000 });
      expect(await sweep.nextDue()).toBe(soon + 1_000);
      await under.store.runs.wake(aWake(woken.runId));
      expect(await sweep.nextDue()).toBe(soon + 2_000);
    });

    test("several sweepers share the runs", async () => {
      await using under = await open();
      const runs = await Promise.all(Array.from({ length: 12 }, () => aTimedRun(under, { at: 1 })));

      const woken = (await Promise.all([wakeDue(under, 5), wakeDue(under, 5), wakeDue(under, 5)])).flat();
      const rest = await wakeDue(under, 20);

      expect([...woken, ...rest].map(({ runId }) => runId).toSorted()).toEqual(runs.map(({ runId }) => runId).toSorted());
    });
  });
}
