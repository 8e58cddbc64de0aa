import type { ChildOf, RequestEnvelope, WorkQueue } from "@openvibe/bus";
import {
  type AnswerCode,
  type Clock,
  checkHops,
  findJsonFault,
  isId,
  isOpenVibeError,
  type JsonObject,
  type JsonValue,
  messageOf,
  newRunId,
  OpenVibeError,
  type OwnerId,
  parseTraceparent,
  type Run,
  toIso,
} from "@openvibe/core";
import type { ClaimedRun, NewRun, RunStore } from "@openvibe/store";
import { toAskCause, toAskOrigin } from "./ask-origin.ts";
import { insertClaimed } from "./insert-claimed.ts";
import { pause } from "./patience.ts";
import { deadlineAtBirth } from "./run-deadline.ts";
import type { ServedOperator, ServedWorkflow } from "./served-operator.ts";
import type { SlotCounter } from "./slots.ts";
import { startedEvent } from "./started-event.ts";

const LOOK_AGAIN_MS = 250;
/** Longer timers overflow and fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

export interface AnswerDeps {
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly owner: OwnerId;
  readonly slots: SlotCounter;
  readonly queue: Pick<WorkQueue, "publish">;
  /** Aborts when this process stops: nothing new is begun, and what it does not end itself is not waited for. */
  readonly stopping: AbortSignal;
  /** Runs a claimed run to its end, outside of the asking node's async context. */
  readonly execute: (claimed: ClaimedRun, workflow: ServedWorkflow) => Promise<void>;
}

/**
 * Answers one request: its run is inserted already claimed by this process, so that nothing travels but the question and the answer. The same ask
 * again (a node that runs again after a crash) finds the first one's run and waits for it.
 * @throws OpenVibeError OV_ASK_TIMEOUT, OV_REQUEST_INVALID, OV_RUN_NOT_COMPLETED, OV_EVENT_LOOP, OV_SHUTTING_DOWN (the same ask is answered by another worker)
 */
export async function answerRequest(
  deps: AnswerDeps,
  operator: ServedOperator,
  capability: string,
  code: AnswerCode,
  request: RequestEnvelope,
): Promise<JsonValue> {
  const { manifest } = operator.definition;
  const what = `${manifest.id}.${capability}`;
  toAskOrigin(request.askId, what); // refused before anything is begun
  checkHops(request.hops ?? 0, what);
  const workflow = operator.workflows.get(code.workflowId);
  if (workflow === undefined)
    throw new OpenVibeError("OV_DEFINITION_INVALID", `${what} is answered by workflow ${code.workflowId}, which ${manifest.id} has not`);
  const input = readInput(code, request.body, what);
  if (request.child !== undefined) {
    refuseWhenStopping(deps.stopping, what);
    return await beginChild(deps, operator, { capability, workflow, input, request, child: request.child });
  }
  const leftMs = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(request.deadlineAt - deps.clock.now())));
  const signal = AbortSignal.any([AbortSignal.timeout(leftMs), deps.stopping]);
  if (!(await deps.slots.acquireWhenFree(signal))) {
    refuseWhenStopping(deps.stopping, what);
    throw new OpenVibeError("OV_ASK_TIMEOUT", `${what}: all ${manifest.id} workers here were busy until the deadline`);
  }
  try {
    const asked = toAskedRun(operator, { capability, workflow, input, request }, deps.clock.now());
    const { run, claimed } = await insertClaimed(deps.runs, asked, { owner: deps.owner, started: startedEvent(deps.clock) });
    if (claimed !== undefined) await deps.execute(claimed, workflow);
    return code.reply(await waitForEnd(deps, run.runId, signal, what));
  } finally {
    deps.slots.release();
  }
}

interface Asked {
  readonly capability: string;
  readonly workflow: ServedWorkflow;
  readonly input: JsonObject;
  readonly request: RequestEnvelope;
}

function toAskedRun(
  { definition }: ServedOperator,
  { capability, workflow, input, request }: Asked,
  now: number,
  deadline?: number,
): NewRun {
  const { manifest, version } = definition;
  const fields = new Set(workflow.manifest.state_fields);
  const traceparent = parseTraceparent(request.traceparent);
  const trigger = `request:${capability}`;
  return {
    runId: newRunId(now),
    operatorId: manifest.id,
    workflowId: workflow.manifest.id,
    trigger,
    definition: version,
    input,
    ignoredInput: Object.keys(input).filter((key) => !fields.has(key)),
    tags: {},
    origin: toAskOrigin(request.askId, `${manifest.id}.${capability}`),
    ...deadlineAtBirth(workflow.manifest, now, deadline),
    event: { type: "run.queued", time: toIso(now), data: { trigger, workflow_id: workflow.manifest.id } },
    ...(traceparent === undefined ? {} : { traceparent }),
    ...toAskCause(request),
  };
}

/** The asker waits without a worker: its child is queued like any other run, and wakes it when it ends. */
async function beginChild(deps: AnswerDeps, operator: ServedOperator, asked: Asked & { readonly child: ChildOf }): Promise<JsonObject> {
  const { parentRunId, deadline } = asked.child;
  const what = `${operator.definition.manifest.id}.${asked.capability}`;
  if (!isId(parentRunId) || !Number.isSafeInteger(deadline))
    throw new OpenVibeError(
      "OV_REQUEST_INVALID",
      `${what}: the parent run ${JSON.stringify(parentRunId.slice(0, 80))} or its deadline is none`,
    );
  const newRun = { ...toAskedRun(operator, asked, deps.clock.now(), deadline), parentRunId };
  const { run } = await deps.runs.insert(newRun);
  // Not awaited: what does not get through is published by the sweep.
  if (run.status === "queued") deps.queue.publish({ operatorId: run.operatorId, runId: run.runId, kind: "start", wake: 0 }).catch(() => {});
  return { child_run_id: run.runId };
}

function readInput(code: AnswerCode, body: JsonValue, what: string): JsonObject {
  let input: JsonObject;
  try {
    input = code.input(body);
  } catch (error) {
    throw isOpenVibeError(error) ? error : new OpenVibeError("OV_REQUEST_INVALID", `${what}: ${messageOf(error)}`, { cause: error });
  }
  const fault = findJsonFault(input);
  if (fault !== undefined) throw new OpenVibeError("OV_REQUEST_INVALID", `${what}: input at ${fault.pointer}: ${fault.detail}`);
  return input;
}

/** The run as it ended; usually it has when we look first. */
async function waitForEnd({ runs, stopping }: AnswerDeps, runId: string, signal: AbortSignal, what: string): Promise<Run> {
  for (;;) {
    const run = await runs.find(runId);
    if (run?.status === "completed") return run;
    if (run !== undefined && run.completedAt !== null) {
      throw new OpenVibeError(
        "OV_RUN_NOT_COMPLETED",
        `${what}: run ${runId} ended ${run.status}${run.error === null ? "" : `: ${run.error.message}`}`,
      );
    }
    refuseWhenStopping(stopping, what);
    if (signal.aborted) throw new OpenVibeError("OV_ASK_TIMEOUT", `${what}: run ${runId} had not ended at the deadline`);
    await pause(LOOK_AGAIN_MS, signal);
  }
}

function refuseWhenStopping(stopping: AbortSignal, what: string): void {
  if (stopping.aborted) throw new OpenVibeError("OV_SHUTTING_DOWN", `${what}: this worker stops; ask again`);
}
