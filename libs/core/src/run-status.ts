export const RunStatus = {
  Queued: "queued",
  Running: "running",
  Waiting: "waiting",
  Completed: "completed",
  Failed: "failed",
  Cancelled: "cancelled",
  TimedOut: "timed_out",
  DeadLettered: "dead_lettered",
} as const;
export type RunStatus = (typeof RunStatus)[keyof typeof RunStatus];

export type FinalStatus = "completed" | "failed" | "cancelled" | "timed_out" | "dead_lettered";

export const RUN_STATUSES = Object.values(RunStatus);

export function isFinal(status: RunStatus): status is FinalStatus {
  switch (status) {
    case RunStatus.Queued:
    case RunStatus.Running:
    case RunStatus.Waiting:
      return false;
    case RunStatus.Completed:
    case RunStatus.Failed:
    case RunStatus.Cancelled:
    case RunStatus.TimedOut:
    case RunStatus.DeadLettered:
      return true;
    default:
      return status satisfies never;
  }
}
