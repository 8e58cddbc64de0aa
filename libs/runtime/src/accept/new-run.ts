import {
  type JsonObject,
  NO_METRICS,
  newRunId,
  type OperatorId,
  type Run,
  type RunCause,
  type RunId,
  RunStatus,
  type Tags,
  toIso,
} from "@openvibe/core";
import type { NewRun } from "@openvibe/store";
import { deadlineAtBirth } from "../run-deadline.ts";
import type { TriggeredWorkflow } from "./catalogue.ts";
import type { RequestKey } from "./idempotency.ts";

/** What makes a run, whatever door it came through. */
export interface RunRequest {
  readonly operatorId: OperatorId;
  readonly trigger: string;
  readonly input: JsonObject;
  readonly tags: Tags;
  readonly deadline?: number;
  readonly origin?: string;
  readonly parentRunId?: RunId;
  readonly rerunOf?: RunId;
  /** Of a rerun: what was asked for, as it was said. */
  readonly changes?: object;
  readonly traceparent?: string;
  readonly cause?: RunCause;
}

/** The row to be inserted. @throws OpenVibeError OV_INPUT_INVALID */
export function toNewRun(request: RunRequest, key: RequestKey | undefined, found: TriggeredWorkflow, now: number): NewRun {
  const { operatorId, trigger, input, tags, deadline, origin, parentRunId, rerunOf, traceparent, cause } = request;
  const { operator, workflow, checkInput } = found;
  return {
    runId: newRunId(now),
    operatorId,
    workflowId: workflow.id,
    trigger,
    definition: operator.version,
    ...checkInput(input),
    tags,
    ...deadlineAtBirth(workflow, now, deadline),
    ...key,
    ...(origin === undefined ? {} : { origin }),
    ...(parentRunId === undefined ? {} : { parentRunId }),
    ...(rerunOf === undefined ? {} : { rerunOf }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(cause === undefined ? {} : { cause }),
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
    rerunOf: newRun.rerunOf ?? null,
    ignoredInput,
    attempt: 0,
    step: 0,
    wake: 0,
    cancelRequested: false,
    tags,
    deadline: newRun.deadline ?? null,
    ...(newRun.traceparent === undefined ? {} : { traceparent: newRun.traceparent }),
    createdAt: now,
    startedAt: null,
    completedAt: null,
  };
}
