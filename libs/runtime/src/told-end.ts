/** How a run ended, in the signal that wakes whoever waits for it: who knows how it began then need not read the store. */
import {
  isFinal,
  isPlainObject,
  type JsonObject,
  LAST_TIME,
  RUN_STATUSES,
  type Run,
  type RunError,
  type RunMetrics,
  type RunStatus,
} from "@openvibe/core";

/** Every gateway hears the signal: what is larger is read by the one that wants it. */
const MAX_CHARACTERS = 16_000;

/** What the end changes of a run that began in its owner's hands. */
export type RunEnding = Pick<Run, "status" | "step" | "output" | "error" | "metrics" | "completedAt">;

/** The signal's body; empty where the end is too large to be told. */
export function toToldEnd({ status, step, output, error, metrics, completedAt }: RunEnding): JsonObject {
  const end = { status, step, output, error: error === null ? null : { ...error }, metrics: { ...metrics }, completed_at: completedAt };
  return JSON.stringify(end).length > MAX_CHARACTERS ? {} : { end };
}

/** The run as it ended; `undefined` where the signal does not tell it, or tells something else than `toToldEnd` gives. */
export function asToldEnded(begun: Run, { end }: JsonObject): Run | undefined {
  if (!isPlainObject(end)) return undefined;
  const { status, step, output, error, metrics, completed_at: completedAt } = end;
  const known = RUN_STATUSES.includes(status as RunStatus) && isFinal(status as RunStatus);
  const counted = isCount(step) && isCount(completedAt) && completedAt <= LAST_TIME;
  if (!known || !counted || !isPlainObject(output) || !isPlainObject(metrics) || !(error === null || isPlainObject(error)))
    return undefined;
  return {
    ...begun,
    status: status as RunStatus,
    step,
    output: output as JsonObject,
    error: error as RunError | null,
    metrics: metrics as unknown as RunMetrics,
    completedAt,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
