/** The keys a log line may have at its top: the same everywhere, so that one search finds a run through all services. */

/** On every line. */
export const LINE_KEYS = ["time", "level", "service", "version", "pid", "msg"] as const;

/** Whom or what it concerns, where it concerns one. */
export const SUBJECT_KEYS = ["run_id", "operator_id", "workflow_id", "node_id", "request_id", "trace_id", "code", "err"] as const;

/** Particular to a few lines of ours. */
const PARTICULAR_KEYS = [
  "action",
  "advised",
  "after",
  "connected",
  "drain_timeout_ms",
  "duration_ms",
  "epoch",
  "event_id",
  "letter",
  "lost",
  "method",
  "open_ms",
  "operators",
  "owner",
  "position",
  "reason",
  "route",
  "runs",
  "server",
  "server_version",
  "status",
  "store",
  "stream",
  "subject",
  "url",
  "wake_ups",
  "what",
] as const;

/** Everything else: what an author's code gives to `ctx.log`. */
export const DATA_KEY = "data";

/** All of them. A key that is not here is put under `data`. */
export const LOG_KEYS: readonly string[] = [...LINE_KEYS, ...SUBJECT_KEYS, ...PARTICULAR_KEYS, DATA_KEY];
