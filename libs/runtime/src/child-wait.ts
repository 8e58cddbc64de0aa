/** What a run keeps while it waits for its children, and when it may go on. Pure. */
import {
  type EachStepManifest,
  type Interrupt,
  isFinal,
  type JsonObject,
  type RunId,
  RunStatus,
  type RunStepManifest,
} from "@openvibe/core";

export interface ChildWait {
  /** Begins the origins of the step's children: the inserts that claim them can be repeated. */
  readonly origin: string;
  /** Children that the step begins in all. */
  readonly total: number;
  /** Of these, begun so far: those of the first items. */
  readonly begun: number;
  /** Of these, not known to have ended when the run began to wait. */
  readonly open: readonly RunId[];
  /** Whether the parent goes on at once when one of them does not complete. */
  readonly failFast: boolean;
}

export type ChildStepManifest = RunStepManifest | EachStepManifest;

export function toInterrupt({ id, operator_id, workflow_id }: ChildStepManifest, ownOperator: string, wait: ChildWait): Interrupt {
  const { origin, total, begun, open, failFast } = wait;
  const of = { operator_id: operator_id ?? ownOperator, workflow_id };
  return { kind: "child", node_id: id, data: { ...of, total, begun, open, fail_fast: failFast, origin } };
}

export function toChildWait({ data }: Pick<Interrupt, "data">): ChildWait {
  return {
    origin: String(data.origin),
    total: Number(data.total),
    begun: Number(data.begun),
    open: Array.isArray(data.open) ? data.open.map(String) : [],
    failFast: data.fail_fast === true,
  };
}

/** What the event `run.waiting` tells of it: without a list that can be long, and is told with each child. */
export function toTold({ data }: Pick<Interrupt, "data">): JsonObject {
  const { operator_id, workflow_id, total = 0 } = data;
  const { begun, open } = toChildWait({ data });
  const [only] = open;
  const child = total === 1 && only !== undefined ? { child_run_id: only } : {};
  return { operator_id: operator_id ?? null, workflow_id: workflow_id ?? null, total, ended: begun - open.length, ...child };
}

/** Whether the parent has something to do; `statusOf` gives how each open child stands, `undefined` for one that is gone. */
export function mayGoOn({ open, begun, total, failFast }: ChildWait, statusOf: (runId: RunId) => RunStatus | undefined): boolean {
  const ended = open.map(statusOf).filter(hasEnded);
  if (ended.length === open.length) return true;
  if (failFast && ended.some((status) => status !== RunStatus.Completed)) return true;
  return begun < total && ended.length >= refillAfter(open.length);
}

export function hasEnded(status: RunStatus | undefined): boolean {
  return status === undefined || isFinal(status);
}

/** With many at a time a parent is not woken for each: an eighth of them may be missing. */
function refillAfter(atOnce: number): number {
  return Math.max(1, Math.floor(atOnce / 8));
}
