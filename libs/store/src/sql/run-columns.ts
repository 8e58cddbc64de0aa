/** What of a row makes a `Run`. */
export const RUN_COLUMNS = [
  "run_id",
  "operator_id",
  "workflow_id",
  "trigger_id",
  "definition",
  "status",
  "input",
  "output",
  "error",
  "interrupt",
  "metrics",
  "parent_run_id",
  "rerun_of",
  "traceparent",
  "ignored_input",
  "attempt",
  "step",
  "wake",
  "cancel_requested",
  "tags",
  "deadline",
  "parked",
  "created_at",
  "started_at",
  "completed_at",
] as const;

/** What of a row makes its `Outbox`. */
export const OUTBOX_COLUMNS = ["events", "events_from"] as const;

/** What of a row makes a `ClaimedRun`, beside the run and its outbox. */
export const CLAIM_COLUMNS = ["state", "position", "wake_kind", "wake_body", "silent_claims", "cause", "overrides"] as const;

/** `runs.a, runs.b, …` */
export function listed(...groups: readonly (readonly string[])[]): string {
  return groups
    .flat()
    .map((column) => `runs.${column}`)
    .join(", ");
}
