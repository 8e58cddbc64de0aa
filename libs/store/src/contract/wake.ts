import { describe, expect, test } from "vitest";
import { aClaimedRun, aRunThatIs, aWaitingRun, aWake, aWrite, claim } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

export function wakeContract({ name, open }: StoreContract): void {
  describe(`${name} wakes runs`, () => {
    test("a waiting run is queued with the next wake number, its kind and its body", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store);

      expect(await under.store.runs.wake(aWake(run.runId))).toBe(true);

      expect(await under.store.runs.find(run.runId)).toMatchObject({ status: "queued", wake: 1, interrupt: null });
      await expect(claim(under.store, run.runId, { wake: 0 })).rejects.toThrow("refused");
      expect(await claim(under.store, run.runId, { wake: 1 })).toMatchObject({
        wakeKind: "resume",
        wakeBody: { answer: "yes" },
        state: { score: 7 },
        position: "next_step",
        run: { attempt: 2, step: 1, interrupt: { node_id: "ask" } },
      });
    });

    test("of many at once one wins", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store);

      const answers = await Promise.all(Array.from({ length: 20 }, () => under.store.runs.wake(aWake(run.runId))));

      expect(answers.filter((won) => won)).toHaveLength(1);
      expect(await under.store.runs.find(run.runId)).toMatchObject({ wake: 1 });
    });

    test("the winner asked again, as after a lost answer, has won; its event is there once", async () => {
      await using under = await open();
      const { runId } = (await aWaitingRun(under.store)).run;
      const wake = aWake(runId);

      expect(await under.store.runs.wake(wake)).toBe(true);
      expect(await under.store.runs.wake(wake)).toBe(true);
      expect(await under.store.runs.wake(aWake(runId))).toBe(false);
      await claim(under.store, runId, { wake: 1 });
      expect(await under.store.runs.wake(wake)).toBe(true);

      expect((await under.store.runs.findOutbox(runId))?.outbox.events).toHaveLength(3);
    });

    test("a number that is not the run's wakes nothing", async () => {
      await using under = await open();
      const { run } = await aWaitingRun(under.store);

      expect(await under.store.runs.wake(aWake(run.runId, { seen: 1 }))).toBe(false);
      expect(await under.store.runs.find(run.runId)).toMatchObject({ status: "waiting", wake: 0 });
    });

    test.each(["queued", "running", "completed", "cancelled"] as const)("a run that is %s is not woken", async (status) => {
      await using under = await open();
      const runId = await aRunThatIs(under.store, status);

      expect(await under.store.runs.wake(aWake(runId))).toBe(false);
      expect(await under.store.runs.find(runId)).toMatchObject({ status, wake: 0 });
    });

    test("a wake-up begins a new count of silent claims", async () => {
      await using under = await open();
      await under.live("worker-me");
      await under.die("dead");
      const { run } = await aClaimedRun(under.store, {}, "dead");
      await under.advance(10);
      const robbed = await claim(under.store, run.runId);
      await under.store.runs.write(aWrite(robbed, { status: "waiting" }));
      await under.store.runs.wake(aWake(run.runId));

      expect(robbed.silentClaims).toBe(1);
      expect(await claim(under.store, run.runId, { wake: 1 })).toMatchObject({ silentClaims: 0 });
    });
  });
}
