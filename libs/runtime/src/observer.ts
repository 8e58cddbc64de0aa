import { isFinal, type Run } from "@openvibe/core";
import type { Metrics, RunEnd } from "@openvibe/telemetry";

/** What the runtime tells whoever measures it. Calls must not throw and must not wait. */
export type RuntimeObserver = Pick<
  Metrics,
  "runEnded" | "nodeEnded" | "llmCalled" | "activationsInflight" | "activationRedelivered" | "deadLettered"
>;

export const silentObserver: RuntimeObserver = {
  runEnded() {},
  nodeEnded() {},
  llmCalled() {},
  activationsInflight() {},
  activationRedelivered() {},
  deadLettered() {},
};

/** What is to be told of a run that somebody ended who did not run it; `undefined` when it has not ended. */
export function toRunEnd({ operatorId, workflowId, status, startedAt, completedAt }: Run): RunEnd | undefined {
  if (!isFinal(status)) return undefined;
  const durationSeconds = startedAt === null || completedAt === null ? null : Math.max(0, (completedAt - startedAt) / 1_000);
  return { operatorId, workflowId, status, durationSeconds };
}
