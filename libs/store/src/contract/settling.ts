import { isFinal, type JsonObject, RUN_STATUSES, silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { A_RECORD, aClaimedRun, aFinishedRun, aNewRun, anEvent, aWaitingRun, aWake, aWrite, claim, ME, OTHER } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

const FINAL = RUN_STATUSES.filter(isFinal);

/** Claims, steps and ends: one writer per run, and a lost answer may be asked for again. */
export function settlingContract({ name, features, open }: StoreContract): void {
  describe(`${name} gives a run to one owner`, () => {
    test("a claim takes a queued run and gives what is needed to run it", async () => {
      await using under = await open();
      const { run } = await under.store.runs.insert(aNewRun());

      const claimed = await claim(under.store, run.runId);

      expect(claimed.run).toMatchObject({ status: "running", attempt: 1, wake: 0, input: run.input });
      expect(claimed.run.startedAt).not.toBeNull();
      expect(claimed).toMatchObject({ state: null, position: null, wakeKind: "start", wakeBody: null, silentClaims: 0 });
      expect(claimed.outbox).toEqual({ from: 0, events: [anEvent("run.queued")] });
    });

    test("only the first claim of a run adds run.started, committed with it", async () => {
      await using under = await open();
      const { run } = await under.store.runs.insert(aNewRun());
      const started = anEvent("run.started");

      const { claimed } = await under.store.runs.claim({ runId: run.runId, wake: 0, owner: ME, started });
      await under.store.runs.release({ runId: run.runId, attempt: 1, owner: ME });
      const again = await under.store.runs.claim({ runId: run.runId, wake: 0, owner: ME, started });

      expect(claimed?.outbox).toEqual({ from: 0, events: [anEvent("run.queued"), started] });
      expect(again.claimed?.outbox).toEqual(claimed?.outbox);
      expect((await under.store.runs.findOutbox(run.runId))?.outbox).toEqual(claimed?.outbox);
    });

    test("a run that is accepted in somebody's hands begins with both of its first events", async () => {
      await using under = await open();
      const started = anEvent("run.started");
      const { run } = await under.store.runs.insert(aNewRun({ claimedBy: ME, started }));

      expect((await under.store.runs.findOutbox(run.runId))?.outbox).toEqual({ from: 0, events: [anEvent("run.queued"), started] });
    });

    test("of 50 claims at once one wins, the others see its owner", async () => {
      await using under = await open();
      const owners = Array.from({ length: 50 }, (_, n) => `worker-${n}`);
      await under.live("worker-0");
      const { run } = await under.store.runs.insert(aNewRun({ runId: "run_wanted" }));
      const [first, ...others] = await Promise.all(owners.map((owner) => under.store.runs.claim({ runId: run.runId, wake: 0, owner })));

      expect(first?.claimed?.run.attempt).toBe(1);
      expect(others.filter(({ claimed }) => claimed !== undefined)).toEqual([]);
      expect(others[0]).toMatchObject({ row: { status: "running", wake: 0, owner: "worker-0", ownerSilent: false } });
    });

    test("a claim for another wake number is refused and shows the row", async () => {
      await using under = await open();
      const { run } = await under.store.runs.insert(aNewRun());

      expect(await under.store.runs.claim({ runId: run.runId, wake: 1, owner: ME })).toEqual({
        claimed: undefined,
        row: { status: "queued", wake: 0, owner: null, ownerSilent: false },
      });
      expect(await under.store.runs.claim({ runId: "run_unknown", wake: 0, owner: ME })).toEqual({ claimed: undefined, row: undefined });
    });

    test("a live owner is not robbed", async () => {
      await using under = await open();
      await under.live(ME);
      await under.live(OTHER);
      const { run } = await aClaimedRun(under.store, {}, OTHER);

      const answer = await under.store.runs.claim({ runId: run.runId, wake: 0, owner: ME });

      expect(answer).toEqual({ claimed: undefined, row: { status: "running", wake: 0, owner: OTHER, ownerSilent: false } });
    });

    test("an owner takes its own run again", async () => {
      await using under = await open();
      await under.live(ME);
      const { run } = await aClaimedRun(under.store);

      await under.advance(1_000);
      const before = await under.store.runs.find(run.runId);

      expect(await claim(under.store, run.runId)).toMatchObject({ run: { attempt: 2, startedAt: before?.startedAt }, silentClaims: 0 });
    });

    if (features.shared)
      test("who does not beat steadily judges nobody", async () => {
        await using under = await open();
        await under.die(OTHER);
        const { run } = await aClaimedRun(under.store, {}, OTHER);
        await using _beat = await under.store.workers.beat({ owner: ME, logger: silentLogger });

        const answer = await under.store.runs.claim({ runId: run.runId, wake: 0, owner: ME });

        expect(answer).toEqual({ claimed: undefined, row: { status: "running", wake: 0, owner: OTHER, ownerSilent: false } });
      });

    test("claims that ended in silence are counted until a step is committed; a hand-back is none", async () => {
      await using under = await open();
      const { runs } = under.store;
      await under.live(ME);
      await under.die(OTHER);
      const { run } = await aClaimedRun(under.store, {}, OTHER);
      await under.advance(10);
      const next = (owner = ME) => claim(under.store, run.runId, { owner });

      const first = await next();
      await runs.release({ runId: run.runId, attempt: first.run.attempt, owner: ME });
      const second = await next(OTHER);
      await under.advance(10);
      const third = await next();
      await runs.write(aWrite(third));
      await runs.release({ runId: run.runId, attempt: third.run.attempt, owner: ME });
      const fourth = await next();

      expect([first, second, third, fourth].map(({ silentClaims }) => silentClaims)).toEqual([1, 1, 2, 0]);
      expect(fourth.run.attempt).toBe(5);
    });

    test("a run whose cancel is asked for can be claimed, so that the claimer ends it", async () => {
      await using under = await open();
      const { run } = await aClaimedRun(under.store);
      await under.store.runs.cancel({ operatorId: run.operatorId, runId: run.runId, event: anEvent("run.cancelled") });

      expect((await claim(under.store, run.runId)).run).toMatchObject({ status: "running", cancelRequested: true });
    });
  });

  describe(`${name} commits the owner's writes`, () => {
    test("a step is there for the next claim", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const metrics = { ...claimed.run.metrics, tokens_in: 12, cost_usd: null };

      expect(await under.store.runs.write(aWrite(claimed, { metrics }))).toBe("committed");

      const next = await claim(under.store, claimed.run.runId);
      expect(next).toMatchObject({ state: { company: "ACME", score: 7 }, position: "next_step", run: { step: 1, metrics } });
      expect(next.outbox).toEqual({ from: 0, events: [anEvent("run.queued"), anEvent("node.completed")] });
    });

    test.each([
      ["all of it and more", (input: JsonObject) => ({ ...input, score: 7 })],
      ["all of it", (input: JsonObject) => ({ ...input })],
      ["a part of it", ({ company, notes }: JsonObject) => ({ company, notes, score: 7 })],
      ["its fields in another order", ({ company, notes, lead }: JsonObject) => ({ lead, notes, company })],
      ["a field changed", (input: JsonObject) => ({ ...input, lead: { name: "Bo" }, score: 7 })],
      ["the first field changed", (input: JsonObject) => ({ ...input, company: "Initech" })],
      ["an equal value that is not the same", (input: JsonObject) => ({ ...input, lead: { name: "Ann" } })],
      ["a name that every object has", (input: JsonObject) => ({ ...input, toString: null, hasOwnProperty: 1 })],
      ["a field that is not there", (input: JsonObject) => ({ ...input, gone: undefined, score: 7 })],
      ["nothing of it", () => ({ score: 7 })],
      ["nothing", () => ({})],
    ])("a state that takes over from the input: %s", async (_, toState) => {
      await using under = await open();
      const given = JSON.parse('{"company":"ACME","__proto__":{"a":1},"lead":{"name":"Ann"},"7":7,"zero":-0,"notes":"long"}') as JsonObject;
      const claimed = await aClaimedRun(under.store, { input: given });
      const { input } = claimed.run;
      const state = toState(input) as JsonObject;

      await under.store.runs.write(aWrite(claimed, { state, input }));

      const kept = (await claim(under.store, claimed.run.runId)).state;
      expect(JSON.stringify(kept)).toBe(JSON.stringify(state));
      expect(Object.keys(kept ?? {})).toEqual(Object.keys(JSON.parse(JSON.stringify(state))));
    });

    test("what a state takes over from the input is written once", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store, { input: { notes: "x".repeat(10_000), lead: { notes: "y".repeat(10_000) } } });
      const { input } = claimed.run;

      await under.store.runs.write(aWrite(claimed, { state: { ...input, score: 7 }, input }));

      expect(await under.charactersOf(claimed.run.runId)).toBeLessThan(25_000);
    });

    test("a write of an attempt that is over is refused and changes nothing", async () => {
      await using under = await open();
      const { runs } = under.store;
      const old = await aClaimedRun(under.store);
      const current = await claim(under.store, old.run.runId);

      expect(await runs.write(aWrite(old))).toBe("stale");
      expect(await runs.write(aWrite(old, { status: "completed" }))).toBe("stale");
      expect(await runs.writeCancelled(aWrite(old))).toBe("stale");
      expect(await runs.release({ runId: old.run.runId, attempt: old.run.attempt, owner: ME })).toBe(false);
      expect(await runs.find(old.run.runId)).toEqual(current.run);
      expect(await runs.write(aWrite(current))).toBe("committed");
    });

    test("a write asked again is committed again, an older one is not", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const first = aWrite(claimed);
      const second = aWrite(claimed, { step: 2, state: { n: 2 } });

      expect(await under.store.runs.write(first)).toBe("committed");
      expect(await under.store.runs.write(first)).toBe("committed");
      expect(await under.store.runs.write(second)).toBe("committed");
      expect(await under.store.runs.write(second)).toBe("committed");
      expect(await under.store.runs.write(first)).toBe("stale");
      expect(await claim(under.store, claimed.run.runId)).toMatchObject({ state: { n: 2 }, run: { step: 2 } });
    });

    test("a write to a run that is not there is stale", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);

      expect(await under.store.runs.write(aWrite(claimed, { runId: "run_unknown" }))).toBe("stale");
    });

    test("a parked run waits without an owner and shows what it waits for", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const interrupt = { kind: "human", node_id: "ask", data: { question: "really?" } } as const;
      const park = aWrite(claimed, { status: "waiting", interrupt });

      expect(await under.store.runs.write(park)).toBe("committed");
      expect(await under.store.runs.write(park)).toBe("committed");

      expect(await under.store.runs.claim({ runId: park.runId, wake: 0, owner: ME })).toEqual({
        claimed: undefined,
        row: { status: "waiting", wake: 0, owner: null, ownerSilent: false },
      });
      expect(await under.store.runs.find(park.runId)).toMatchObject({ status: "waiting", interrupt, completedAt: null });
    });

    test("a park asked again after the run was woken is committed, and leaves the wake-up alone", async () => {
      await using under = await open();
      const claimed = await aClaimedRun(under.store);
      const park = aWrite(claimed, { status: "waiting" });
      await under.store.runs.write(park);
      await under.store.runs.wake(aWake(park.runId));

      expect(await under.store.runs.write(park)).toBe("committed");
      expect(await under.store.runs.find(park.runId)).toMatchObject({ status: "queued", wake: 1 });
    });

    test.each([...FINAL, "running", "waiting"] as const)("a write that makes it %s tells when it has ended, if it has", async (status) => {
      await using under = await open();
      const { runs } = under.store;
      for (const history of [[], [A_RECORD]]) {
        const claimed = await aClaimedRun(under.store, aNewRun({ runId: `run_${history.length}` }));
        const told: number[] = [];
        const write = aWrite(claimed, { status, history, onEnd: (at) => void told.push(at) });

        for (const _ of [1, 2]) expect(await runs.write(write)).toBe("committed");

        const found = await runs.find(claimed.run.runId);
        expect(told).toEqual(status === "running" || status === "waiting" ? [] : [found?.completedAt]);
      }
    });

    test.each(FINAL)("a run that is %s has ended: the same write is committed, any other is stale", async (status) => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store);
      const { runId } = claimed.run;
      const end = aWrite(claimed, { status, position: null, output: { score: 7 }, error: { code: "OV_NODE_FAILED", message: "no" } });

      expect(await runs.write(end)).toBe("committed");
      expect(await runs.write(end)).toBe("committed");

      const ended = await runs.find(runId);
      expect(ended).toMatchObject({ status, output: { score: 7 }, error: end.error, step: 1 });
      expect(ended?.completedAt).not.toBeNull();
      expect(await runs.write({ ...end, status: status === "failed" ? "completed" : "failed" })).toBe("stale");
      expect(await runs.write(aWrite(claimed, { step: 2 }))).toBe("stale");
      expect(await runs.claim({ runId, wake: 0, owner: ME })).toMatchObject({ claimed: undefined, row: { status, owner: null } });
      expect(await runs.find(runId)).toEqual(ended);
    });
  });

  describe(`${name} takes runs back`, () => {
    test("a released run can be claimed at once, with the same wake number", async () => {
      await using under = await open();
      await under.live(ME);
      await under.live(OTHER);
      const { run } = await aClaimedRun(under.store);
      const release = { runId: run.runId, attempt: 1, owner: ME };

      expect(await under.store.runs.release({ ...release, owner: OTHER })).toBe(false);
      expect(await under.store.runs.release(release)).toBe(true);
      expect(await under.store.runs.release(release)).toBe(false);
      expect(await claim(under.store, run.runId, { owner: OTHER })).toMatchObject({ run: { attempt: 2, wake: 0 }, silentClaims: 0 });
      expect(await under.store.runs.release(release)).toBe(false);
    });
  });

  describe(`${name} keeps the unsent events`, () => {
    test("they are cleared when the log has all of them, and numbering goes on", async () => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store);
      const { runId } = claimed.run;
      const outbox = async () => (await runs.findOutbox(runId))?.outbox;
      await runs.write(aWrite(claimed));

      await runs.markSent({ runId, sequence: 0 });
      expect((await outbox())?.events).toHaveLength(2);
      await runs.markSent({ runId, sequence: 1 });
      expect(await outbox()).toEqual({ from: 2, events: [] });

      await runs.write(aWrite(claimed, { step: 2, status: "waiting", outbox: { from: 2, events: [anEvent("run.waiting")] } }));
      await runs.markSent({ runId, sequence: 1 });
      expect(await outbox()).toEqual({ from: 2, events: [anEvent("run.waiting")] });
      await runs.markSent({ runId, sequence: 2 });
      await runs.wake(aWake(runId));
      expect(await outbox()).toEqual({ from: 3, events: [anEvent("run.resumed")] });
    });

    test("a finished run keeps them until they are sent", async () => {
      await using under = await open();
      const { run } = await aFinishedRun(under.store);

      expect((await under.store.runs.findOutbox(run.runId))?.outbox.events).toHaveLength(2);
    });

    test("what a completed run put out is kept once, and is told with its end", async () => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store);
      const state = { text: "x".repeat(10_000) };
      const end = { ...anEvent("run.completed"), data: { status: "completed", output: state, metrics: {} } };
      const outbox = { from: 1, events: [anEvent("node.completed"), end] };

      await runs.write(aWrite(claimed, { status: "completed", position: null, state, output: state, outbox }));

      expect((await runs.find(claimed.run.runId))?.output).toEqual(state);
      expect(JSON.stringify((await runs.findOutbox(claimed.run.runId))?.outbox)).toBe(JSON.stringify(outbox));
      expect(await under.charactersOf(claimed.run.runId)).toBeLessThan(15_000);
    });

    test("an end that tells another output than the run has is kept as it is", async () => {
      await using under = await open();
      const { runs } = under.store;
      const claimed = await aClaimedRun(under.store);
      const ends = [{ status: "completed", output: { a: 2 } }, { status: "completed" }].map((data) => ({
        ...anEvent("run.completed"),
        data,
      }));

      for (const [index, end] of ends.entries()) {
        const outbox = { from: 1, events: [end] };
        await runs.write(
          aWrite(claimed, { step: index + 1, status: index === 0 ? "running" : "completed", state: { a: 1 }, output: { a: 1 }, outbox }),
        );
        expect((await runs.findOutbox(claimed.run.runId))?.outbox).toEqual(outbox);
      }
    });

    test("an event that a wake-up appends stands after those that are unsent", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store);
      await under.store.runs.wake(aWake(run.runId));

      await under.store.runs.markSent({ runId: run.runId, sequence: 1 });

      const { outbox } = await claim(under.store, run.runId, { wake: 1 });

      expect(outbox).toEqual({ from: 0, events: [anEvent("run.queued"), anEvent("node.completed"), anEvent("run.resumed")] });
      await under.store.runs.markSent({ runId: run.runId, sequence: 2 });
      expect((await under.store.runs.findOutbox(run.runId))?.outbox).toEqual({ from: 3, events: [] });
    });
  });
}
