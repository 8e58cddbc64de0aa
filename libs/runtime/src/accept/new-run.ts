import { NO_METRICS, newRunId, type Run, RunStatus, toIso } from "@openvibe/core";
import type { NewRun } from "@openvibe/store";
import type { AcceptRequest } from "./acceptor.ts";
import type { TriggeredWorkflow } from "./catalogue.ts";
import { scopeIdempotencyKey, toFingerprint } from "./idempotency.ts";

/** The row to be inserted. @throws OpenVibeError OV_INPUT_INVALID */
export function toNewRun(request: AcceptRequest, key: string | undefined, found: TriggeredWorkflow, now: number): NewRun {
  const { operatorId, trigger, input, tags = {}, principal = "code", origin, parentRunId } = request;
  const { operator, workflow, checkInput } = found;
  return {
    runId: newRunId(now),
    operatorId,
    workflowId: workflow.id,
    trigger,
    definition: operator.version,
    ...checkInput(input),
    tags,
    ...(key === undefined
      ? {}
      : { idempotencyKey: scopeIdempotencyKey(principal, operatorId, key), fingerprint: toFingerprint({ trigger, input, tags }) }),
    ...(origin === undefined ? {} : { origin }),
    ...(parentRunId === undefined ? {} : { parentRunId }),
    event: { type: "run.queued", time: toIso(now), data: { trigger, workflow_id: workflow.id } },
  };
}

/** The run as the store would give it. */
export function toQueuedRun(newRun: NewRun, now: number): Run {
  const { runId, operatorId, workflowId, trigger, definition, input, ignoredInput, tags } = newRun;
  return {
    runId,
    operatorId,
    workflowId,
    trigger,
    definition,
    status: RunStatus.Queued,
    input,
    output: {},
    error: null,
    interrupt: null,
    metrics: NO_METRICS,
    parentRunId: newRun.parentRunId ?? null,
    rerunOf: null,
    ignoredInput,
    attempt: 0,
    step: 0,
    wake: 0,
    cancelRequested: false,
    tags,
    createdAt: now,
    startedAt: null,
    completedAt: null,
  };
}
