import { type FinalStatus, MAX_SILENT_CLAIMS, type RunError } from "@openvibe/core";
import type { Position } from "@openvibe/graph";
import type { ClaimedRun } from "@openvibe/store";
import { isCheckpointed, type ServedWorkflow } from "./served-operator.ts";

export interface EndAtOnce {
  readonly status: FinalStatus;
  readonly error: RunError;
}

/** How a claimed run ends before any more of its code is run; `undefined` where it goes on, at `position`. */
export function findEndAtOnce({ run, silentClaims }: ClaimedRun, workflow: ServedWorkflow, position: Position): EndAtOnce | undefined {
  const { runId, workflowId, operatorId, definition } = run;
  if (silentClaims >= MAX_SILENT_CLAIMS) {
    const message = `run ${runId}: ${silentClaims} workers in a row fell silent with it and no step between`;
    return { status: "dead_lettered", error: { code: "OV_RUN_ABANDONED", message } };
  }
  if (!isCheckpointed(workflow) && silentClaims > 0) {
    const message = `run ${runId}: its worker fell silent, and workflow ${workflowId} keeps no steps (checkpointed: false)`;
    return { status: "failed", error: { code: "OV_RUN_LOST", message } };
  }
  if (position !== null && !workflow.plan.steps.has(position)) {
    const message = `run ${runId} stands before step ${position}, which version ${definition} of ${operatorId} has not`;
    return { status: "failed", error: { code: "OV_DEFINITION_UNKNOWN", message } };
  }
  return undefined;
}
