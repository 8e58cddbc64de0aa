import type { OperatorId, OwnerId, Parked, RunId, RunOverrides, WorkflowId } from "@openvibe/core";

/** A parked run, as far as a worker must know it to say whether its version fits. */
export interface ParkedRun {
  readonly runId: RunId;
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly definition: string;
  readonly wake: number;
  /** Whether a step of it was committed. */
  readonly begun: boolean;
  readonly position: string | null;
  readonly overrides?: RunOverrides;
}

interface Claimed {
  readonly runId: RunId;
  readonly attempt: number;
  readonly owner: OwnerId;
}

/**
 * Runs for which a worker has no version that fits (DESIGN §6 rule 3). They are queued, with the wake-up they had: cancels, deadlines and the sweep
 * treat them as such, and a worker that fits takes them by itself.
 */
export interface ParkingStore {
  /** Gives a claimed run back and says why. `false` when it is not mine (any more), or its cancel was asked for. */
  park(request: Claimed & { readonly parked: Parked }): Promise<boolean>;
  /** The claimed run goes by this version from now on, and is parked no more. `false` when it is not mine (any more). */
  adopt(request: Claimed & { readonly definition: string }): Promise<boolean>;
  /** Parked runs of an operator in the order of their ids, behind `after`. */
  list(operatorId: OperatorId, page: { readonly after?: RunId; readonly limit: number }): Promise<readonly ParkedRun[]>;
}
