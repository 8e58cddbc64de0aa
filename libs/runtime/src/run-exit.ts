/** The ways in which a run leaves its owner's hands between two steps: it ends, or it is given back for another owner. */
import type { Clock, FinalStatus, OwnerId, RunError } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";
import { type ExecutionEnd, LeaveGraph } from "./leave-graph.ts";
import { patiently } from "./patience.ts";
import { deadlineOf } from "./run-deadline.ts";
import type { RunInHand } from "./run-in-hand.ts";

/** A store that does not answer must not hold up a stop: a run that is not given back is claimed when its owner is silent. */
const RELEASE_MS = 3_000;

export interface RunExitDeps {
  readonly runs: Pick<RunStore, "release">;
  readonly clock: Clock;
  readonly owner: OwnerId;
  /** Aborts when the process that stops waits no longer for a store that does not answer. */
  readonly outOfTime: AbortSignal;
}

export class RunExit {
  readonly #deps: RunExitDeps;
  readonly #hand: RunInHand;

  constructor(deps: RunExitDeps, hand: RunInHand) {
    this.#deps = deps;
    this.#hand = hand;
  }

  async end(status: FinalStatus, error?: RunError): Promise<ExecutionEnd> {
    await this.#hand.record.commitEnd(status, this.#hand.start?.stepId ?? null, error);
    return "ended";
  }

  /**
   * `between`: no code of the author's has thrown, the run stands between two steps.
   * @throws LeaveGraph where the run was interrupted
   */
  async leaveIfInterrupted(at: "between" | "thrown"): Promise<void> {
    const { run, workflow, record, interruption } = this.#hand;
    switch (interruption.by) {
      case undefined:
        if (at === "between" && interruption.draining) throw new LeaveGraph(await this.#handBack());
        return;
      case "cancel":
        await record.commitCancel();
        throw new LeaveGraph("ended");
      case "deadline": {
        const message = deadlineOf(run, workflow.manifest, this.#deps.clock.now())?.message ?? "";
        await this.end("timed_out", { code: "OV_RUN_TIMEOUT", message });
        throw new LeaveGraph("ended");
      }
      case "drain":
        throw new LeaveGraph(await this.#handBack());
      default:
        return interruption.by satisfies never;
    }
  }

  /** Gives the run back where the store has it. */
  async release(): Promise<ExecutionEnd> {
    const { run, record } = this.#hand;
    record.outbox.abandon();
    const { runs, owner, outOfTime } = this.#deps;
    const request = { runId: run.runId, attempt: run.attempt, owner };
    const signal = AbortSignal.any([AbortSignal.timeout(RELEASE_MS), outOfTime]);
    const released = await patiently(() => runs.release(request), { signal }).catch(() => false);
    return released ? "released" : "lost";
  }

  /** Gives the run back behind its last finished step: a drain is no crash, so nothing finished runs again. */
  async #handBack(): Promise<ExecutionEnd> {
    await this.#hand.record.commitDeferred();
    return await this.release();
  }
}
