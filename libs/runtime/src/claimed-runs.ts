/** What is done with a run that this process has claimed: it is worked on where a version in service fits, else parked or given back. */
import type { Delivery, WorkQueue } from "@openvibe/bus";
import type { Logger, OperatorId, OwnerId } from "@openvibe/core";
import type { ClaimedRun, RunStore } from "@openvibe/store";
import type { HeldRuns } from "./held-runs.ts";
import type { ExecutionEnd } from "./leave-graph.ts";
import { runFields } from "./log-fields.ts";
import type { OperatorSlots } from "./operator-slots.ts";
import type { Entry, Parking } from "./parking.ts";
import type { ServedOperator } from "./served-operator.ts";

/** Until another worker is asked that may have the workflow. */
const NO_WORKFLOW_DELAY_MS = 60_000;
const LOST_DELAY_MS = 1_000;

export interface ClaimedRunsDeps {
  readonly held: HeldRuns;
  readonly parking: Parking;
  readonly slots: OperatorSlots;
  readonly operators: ReadonlyMap<OperatorId, ServedOperator>;
  readonly runs: Pick<RunStore, "release">;
  readonly queue: Pick<WorkQueue, "publish">;
  readonly logger: Logger;
  readonly owner: OwnerId;
}

export class ClaimedRuns {
  readonly #deps: ClaimedRunsDeps;

  constructor(deps: ClaimedRunsDeps) {
    this.#deps = deps;
  }

  /**
   * Settles all `handles`; given back without any, the run gets a wake-up. `parked`: no version here fits.
   * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE, OV_BUS_FULL
   */
  async execute(claimed: ClaimedRun, handles: Delivery[]): Promise<ExecutionEnd | "parked"> {
    const { held, parking, slots, operators, queue, logger } = this.#deps;
    const { operatorId, workflowId, runId, wake } = claimed.run;
    const operator = operators.get(operatorId);
    const entry: Entry =
      operator === undefined || parking.isOwn(claimed.run, operator) ? { run: claimed } : await parking.enter(claimed, operator);
    if (entry === "parked") {
      for (const handle of handles) handle.done();
      return entry;
    }
    if (entry === "lost") return await this.giveBack(claimed, handles, LOST_DELAY_MS);
    const workflow = operator?.workflows.get(workflowId);
    if (workflow === undefined) {
      logger.error(runFields(claimed.run), "this worker has no such workflow");
      return await this.giveBack(claimed, handles, NO_WORKFLOW_DELAY_MS);
    }
    const end = await held.work({ claimed: entry.run, workflow, handles, slots: slots.of(operatorId) });
    for (const handle of handles) {
      if (end === "released") handle.release(0);
      else if (end === "lost") handle.release(LOST_DELAY_MS);
      else handle.done();
    }
    if (end === "released" && handles.length === 0) await queue.publish({ operatorId, runId, kind: claimed.wakeKind, wake });
    return end;
  }

  async giveBack({ run }: ClaimedRun, handles: readonly Delivery[], delayMs = 0): Promise<"lost"> {
    const { runs, owner } = this.#deps;
    await runs.release({ runId: run.runId, attempt: run.attempt, owner });
    for (const handle of handles) handle.release(delayMs);
    return "lost";
  }
}
