import type { RunError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aClaimedRun, aFinishedRun, aNewRun, anEvent, aWaitingRun, aWake, aWrite, claim, ME, OPERATOR, OTHER, PARKED } from "./examples.ts";
import type { StoreContract, StoreUnderTest } from "./under-test.ts";

const ERROR: RunError = { code: "OV_RUN_TIMEOUT", message: "it had not ended by its deadline" };

/** A run with a deadline ends by it, also where nobody takes it. */
export function deadlinesContract({ name, open }: StoreContract): void {
  const timeOut = ({ store }: StoreUnderTest, limit = 100) =>
    store.sweep.timeOutOverdue({ sweeper: ME, limit, error: ERROR, event: () => anEvent("run.timed_out") });
  const soon = () => Date.now() + 60_000;

  describe(`${name} times out runs whose deadline is over`, () => {
    test("that are queued, wait, or are held by nobody who lives; no sooner, and each once", async () => {
      await using under = await open();
      await under.live(ME);
      await under.die(OTHER);
      const deadline = soon();
      await under.store.runs.insert(aNewRun({ runId: "run_queued", deadline }));
      await aWaitingRun(under.store, { runId: "run_waiting", deadline });
      await aClaimedRun(under.store, { runId: "run_released", deadline });
      await under.store.runs.release({ runId: "run_released", attempt: 1, owner: ME });
      const orphan = await aClaimedRun(under.store, { runId: "run_orphan", deadline }, OTHER);
      await under.advance(55_000);
      expect(await timeOut(under)).toEqual([]);
      await under.advance(10_000);

      const ended = await timeOut(under);

      expect(ended.map(({ run }) => `${run.runId} ${run.attempt}`).sort()).toEqual([
        "run_orphan 2",
        "run_queued 0",
        "run_released 2",
        "run_waiting 1",
      ]);
      for (const { run, outbox } of ended) {
        expect(run).toMatchObject({ status: "timed_out", error: ERROR, interrupt: null });
        expect(run.completedAt).not.toBeNull();
        expect(outbox.events.at(-1)).toEqual(anEvent("run.timed_out"));
        expect(await under.store.runs.findOutbox(run.runId)).toEqual({ run, outbox });
      }
      expect(await timeOut(under)).toEqual([]);
      expect(await under.store.runs.write(aWrite(orphan))).toBe("stale");
      await expect(claim(under.store, "run_queued")).rejects.toThrow("refused");
    });

    test("that are parked, for a worker whose version fits may never come; nobody sees them as parked then", async () => {
      await using under = await open();
      const { runs, parking } = under.store;
      await under.live(ME);
      const deadline = soon();
      const waiting = await aWaitingRun(under.store, { runId: "run_parked", deadline });
      await runs.wake(aWake(waiting.run.runId));
      const { run } = await claim(under.store, "run_parked", { wake: 1 });
      await parking.park({ runId: "run_parked", attempt: run.attempt, owner: ME, parked: PARKED });
      await under.advance(55_000);
      expect(await timeOut(under)).toEqual([]);
      await under.advance(10_000);

      expect(await timeOut(under)).toMatchObject([
        { run: { runId: "run_parked", status: "timed_out", attempt: run.attempt, error: ERROR } },
      ]);

      expect(await runs.find("run_parked")).not.toHaveProperty("parked");
      expect(await parking.list(OPERATOR, { limit: 10 })).toEqual([]);
      expect(await parking.park({ runId: "run_parked", attempt: run.attempt, owner: ME, parked: PARKED })).toBe(false);
    });

    test("but none that a live owner holds, that ended before, or that has no deadline or a later one", async () => {
      await using under = await open();
      await under.live(ME);
      const deadline = soon();
      await aClaimedRun(under.store, { runId: "run_held", deadline });
      await aFinishedRun(under.store, "failed", { runId: "run_ended", deadline });
      await under.store.runs.insert(aNewRun({ runId: "run_without" }));
      await under.store.runs.insert(aNewRun({ runId: "run_later", deadline: deadline + 3_600_000 }));
      await under.advance(65_000);

      expect(await timeOut(under)).toEqual([]);
    });

    test("as many as asked for, those first that are longest over", async () => {
      await using under = await open();
      const deadline = soon();
      for (const n of [2, 0, 1]) await under.store.runs.insert(aNewRun({ runId: `run_${n}`, deadline: deadline + n }));
      await under.advance(65_000);

      expect((await timeOut(under, 2)).map(({ run }) => run.runId).sort()).toEqual(["run_0", "run_1"]);
      expect((await timeOut(under, 2)).map(({ run }) => run.runId)).toEqual(["run_2"]);
    });
  });
}
