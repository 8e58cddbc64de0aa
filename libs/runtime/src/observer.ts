import type { Metrics } from "@openvibe/telemetry";

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
