import { type Run, toIso, type WorkflowManifest } from "@openvibe/core";

const DAY_MS = 86_400_000;

/** When a run that is accepted now is to have ended: by its caller's deadline, or by the longest life that its workflow gives a run. */
export function deadlineAtBirth({ durable }: WorkflowManifest, now: number, given?: number): { readonly deadline?: number } {
  if (durable === undefined) return given === undefined ? {} : { deadline: given };
  return { deadline: Math.min(given ?? Number.POSITIVE_INFINITY, Math.ceil(now + durable.max_days * DAY_MS)) };
}

export interface RunDeadline {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: string;
}

/** The sooner one of the run's own deadline and the workflow's timeout, which counts from the first claim. */
export function deadlineOf(run: Run, { timeout_ms: timeoutMs }: WorkflowManifest, now: number): RunDeadline | undefined {
  const { runId, deadline, startedAt, wake, workflowId, parked } = run;
  // Waits are not counted, for a fitting version neither: after a wake-up the time begins anew.
  const from = (wake === 0 && parked === undefined ? startedAt : null) ?? now;
  const timeoutAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : from + timeoutMs;
  if (deadline !== null && deadline <= timeoutAt)
    return { at: deadline, message: `run ${runId} had not ended by its deadline ${toIso(deadline)}` };
  if (timeoutMs === undefined) return undefined;
  return { at: timeoutAt, message: `run ${runId} took longer than the ${timeoutMs} ms of workflow ${workflowId}` };
}
