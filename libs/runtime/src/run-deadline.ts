import { type Run, toIso, type WorkflowManifest } from "@openvibe/core";

export interface RunDeadline {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: string;
}

/** The sooner one of the run's own deadline and the workflow's timeout, which counts from the first claim. */
export function deadlineOf(run: Run, { timeout_ms: timeoutMs }: WorkflowManifest, now: number): RunDeadline | undefined {
  const { runId, deadline, startedAt, wake, workflowId } = run;
  // Waits are not counted: after a wake-up the time begins anew.
  const from = (wake === 0 ? startedAt : null) ?? now;
  const timeoutAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : from + timeoutMs;
  if (deadline !== null && deadline <= timeoutAt)
    return { at: deadline, message: `run ${runId} had not ended by its deadline ${toIso(deadline)}` };
  if (timeoutMs === undefined) return undefined;
  return { at: timeoutAt, message: `run ${runId} took longer than the ${timeoutMs} ms of workflow ${workflowId}` };
}
