/** What a worker is handed to begin a new run, and what it answers. */
import {
  isId,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  LAST_TIME,
  OpenVibeError,
  type OperatorId,
  parseTraceparent,
  toIso,
} from "@openvibe/core";
import type { NewRun } from "@openvibe/store";
import { refusal } from "./accept/refusal.ts";
import { parseTags } from "./accept/tags.ts";

/** A run as a caller asks for one. Reruns that do something otherwise, children, and runs by events or questions go by the queue. */
export type PlainRun = Omit<NewRun, "overrides" | "cause" | "parentRunId" | "rerunOf" | "claimedBy" | "started">;

export interface HandedRun {
  readonly run: PlainRun;
  /** Who hands it over waits for its end: the signal tells it. */
  readonly awaited: boolean;
}

/** When the run began; `undefined` where it did not: it is to go by the queue. */
export interface Begun {
  /** Milliseconds since 1970, by the store's clock. */
  readonly createdAt: number;
  readonly startedAt: number;
}

export function isPlain(run: NewRun): run is PlainRun {
  return run.overrides === undefined && run.cause === undefined && run.parentRunId === undefined && run.rerunOf === undefined;
}

export function toHandedRun({ run, awaited }: HandedRun): JsonObject {
  const { runId, workflowId, trigger, definition, input, ignoredInput, tags, deadline, idempotencyKey, fingerprint, origin, traceparent } =
    run;
  return {
    run_id: runId,
    workflow_id: workflowId,
    trigger,
    definition,
    input,
    ignored_input: ignoredInput,
    tags,
    queued_at: Date.parse(run.event.time),
    ...(awaited ? { awaited } : {}),
    ...(deadline === undefined ? {} : { deadline }),
    ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(origin === undefined ? {} : { origin }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** @throws OpenVibeError OV_REQUEST_INVALID: whoever may publish on the bus can send one */
export function parseHandedRun(operatorId: OperatorId, body: JsonValue): HandedRun {
  if (!isPlainObject(body)) throw invalid("", "expected an object");
  const { run_id: runId, input, ignored_input: ignored, tags, queued_at: queuedAt, deadline, awaited = false } = body;
  const [workflowId, trigger, definition] = [text(body, "workflow_id"), text(body, "trigger"), text(body, "definition")];
  if (!isId(runId)) throw invalid("/run_id", "expected a run id");
  if (!isPlainObject(input)) throw invalid("/input", "expected an object");
  if (!Array.isArray(ignored) || !ignored.every((key) => typeof key === "string"))
    throw invalid("/ignored_input", "expected names of fields");
  if (!isTime(queuedAt)) throw invalid("/queued_at", "expected milliseconds since 1970");
  if (deadline !== undefined && !isTime(deadline)) throw invalid("/deadline", "expected milliseconds since 1970");
  if (typeof awaited !== "boolean") throw invalid("/awaited", "expected true or false");
  const traceparent = parseTraceparent(optionalText(body, "traceparent"));
  const [idempotencyKey, fingerprint, origin] = [
    optionalText(body, "idempotency_key"),
    optionalText(body, "fingerprint"),
    optionalText(body, "origin"),
  ];
  const run = {
    runId,
    operatorId,
    workflowId,
    trigger,
    definition,
    input: input as JsonObject,
    ignoredInput: ignored,
    tags: parseTags(tags),
    ...(deadline === undefined ? {} : { deadline }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(origin === undefined ? {} : { origin }),
    ...(traceparent === undefined ? {} : { traceparent }),
    event: { type: "run.queued", time: toIso(queuedAt), data: { trigger, workflow_id: workflowId } },
  };
  return { run, awaited };
}

export function toBegunAnswer(begun: Begun | undefined): JsonObject {
  return begun === undefined ? { begun: false } : { begun: true, created_at: begun.createdAt, started_at: begun.startedAt };
}

/** @throws OpenVibeError OV_ASK_FAILED */
export function parseBegunAnswer(answer: JsonValue): Begun | undefined {
  if (isPlainObject(answer) && answer.begun === false) return undefined;
  if (isPlainObject(answer) && answer.begun === true && isTime(answer.created_at) && isTime(answer.started_at))
    return { createdAt: answer.created_at, startedAt: answer.started_at };
  throw new OpenVibeError(
    "OV_ASK_FAILED",
    "a worker that was handed a run answered with something else than {begun, created_at?, started_at?}",
  );
}

function text(body: Readonly<Record<string, unknown>>, field: string): string {
  const value = optionalText(body, field);
  if (value === undefined || value === "") throw invalid(`/${field}`, "expected a text");
  return value;
}

function optionalText(body: Readonly<Record<string, unknown>>, field: string): string | undefined {
  const value = body[field];
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`/${field}`, "expected a text");
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && Math.abs(value) <= LAST_TIME;
}

function invalid(pointer: string, detail: string): OpenVibeError {
  return refusal("OV_REQUEST_INVALID", pointer, detail);
}
