import type { LoopPosition, Run } from "@openvibe/core";
import type { ClaimedRun } from "@openvibe/store";
import type { LiveTeller } from "./live-teller.ts";
import type { RunInterruption } from "./run-interruption.ts";
import type { RunRecord } from "./run-record.ts";
import type { ServedWorkflow } from "./served-operator.ts";

/** A claimed run while its owner works on it: what all parts of its execution see. */
export interface RunInHand {
  /** As it was claimed; what it has come to since is in `record`. */
  readonly run: Run;
  readonly claimed: ClaimedRun;
  readonly workflow: ServedWorkflow;
  /** Where the store has it; `undefined` before the first step and behind the last. */
  readonly start: LoopPosition | undefined;
  readonly record: RunRecord;
  readonly live: LiveTeller;
  readonly interruption: RunInterruption;
}
