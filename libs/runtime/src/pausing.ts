/** Steps that let a run wait: what is kept while it waits, and what its wake-up means. */

import {
  type HumanStepManifest,
  type Interrupt,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  LAST_TIME,
  type NodeContext,
  OpenVibeError,
  type Patch,
  type State,
  type StepCode,
  toIso,
  type WakeKind,
} from "@openvibe/core";
import { HumanRoute, type PlannedStep, type Position } from "@openvibe/graph";
import type { RunWrite } from "@openvibe/store";

/** The run is parked: this is what it waits for. */
export interface Pause {
  readonly interrupt: Interrupt;
  readonly due?: RunWrite["due"];
  /** What `run.waiting` tells, where that is not the interrupt's data. */
  readonly told?: JsonObject;
}

/** The wake-up that the running pass began with, at the step that the run waited at. */
export interface Woken {
  readonly kind: WakeKind;
  readonly body: JsonObject | null;
  readonly interrupt: Interrupt;
}

/** Writes of the run that were committed when the step began, where it keeps that over what it waits for: what it has kept since is still its own. */
export function beganBefore(woken: Woken | undefined): number | undefined {
  const began = woken?.interrupt.data.began;
  return typeof began === "number" ? began : undefined;
}

export interface PauseEnd {
  readonly patch: Patch;
  readonly position: Position;
}

type Until = Extract<StepCode, { kind: "wait" }>["until"];

/** A time that has passed already is not waited for. @throws OpenVibeError OV_NODE_FAILED */
export async function beginWait(step: PlannedStep, until: Until, state: State, ctx: NodeContext): Promise<Pause | PauseEnd> {
  const { manifest } = step;
  const durationMs = manifest.kind === "wait" ? manifest.duration_ms : undefined;
  const at = durationMs === undefined ? await until?.(state, ctx) : ctx.now() + durationMs;
  if (typeof at !== "number" || !Number.isFinite(at) || at > LAST_TIME)
    throw new OpenVibeError(
      "OV_NODE_FAILED",
      `wait ${step.id}: until gave ${String(at)}; allowed is a time, as a Date, ISO 8601 or milliseconds`,
    );
  if (at <= ctx.now()) return endWait(step);
  const interrupt: Interrupt = { kind: "timer", node_id: step.id, data: { until: toIso(at) } };
  return { interrupt, due: durationMs === undefined ? { at } : { afterMs: durationMs } };
}

export function endWait(step: PlannedStep): PauseEnd {
  return { patch: {}, position: step.kind === "linear" ? step.next : null };
}

/** What a human's step keeps while it waits. */
interface Question {
  readonly prompt: string;
  readonly schema: JsonObject;
  /** ISO 8601, UTC. */
  readonly deadline?: string;
  readonly approvers?: { readonly of: readonly string[]; readonly needed: number };
  readonly answers?: readonly { readonly by: string; readonly answer: JsonObject }[];
  readonly reminded?: boolean;
}

export function beginHuman(step: PlannedStep, prompt: string, now: number): Pause {
  const manifest = humanOf(step);
  const { wait_ms: waitMs, remind_after_ms: remindMs, approvers } = manifest;
  const question: Question = {
    prompt,
    schema: manifest.answer_schema as JsonObject,
    ...(waitMs === undefined ? {} : { deadline: toIso(now + waitMs) }),
    ...(approvers === undefined ? {} : { approvers, answers: [] }),
    ...(remindMs === undefined ? {} : { reminded: false }),
  };
  const first = remindMs ?? waitMs;
  return ask(step, question, first === undefined ? undefined : { afterMs: first });
}

/** @throws OpenVibeError OV_ANSWER_TIMEOUT */
export function endHuman(step: PlannedStep, { kind, body, interrupt }: Woken): Pause | PauseEnd {
  const manifest = humanOf(step);
  const question = interrupt.data as unknown as Question;
  if (kind === "timer") return question.reminded === false ? remind(step, question) : timeOut(step, manifest);
  const answer = isPlainObject(body?.answer) ? (body.answer as JsonObject) : {};
  const { approvers, answers = [] } = question;
  if (approvers === undefined) return answered(step, answer);
  const all = [...answers, { by: typeof body?.by === "string" ? body.by : "", answer }];
  if (all.length < approvers.needed) return ask(step, { ...question, answers: all }, deadlineOf(question));
  return answered(step, agreed(all.map((one) => one.answer)));
}

function remind(step: PlannedStep, question: Question): Pause {
  return ask(step, { ...question, reminded: true }, deadlineOf(question));
}

function timeOut(step: PlannedStep, manifest: HumanStepManifest): PauseEnd {
  if (step.kind === "branch") return { patch: {}, position: step.routes[HumanRoute.TimedOut] ?? null };
  if (manifest.default_answer !== undefined) return answered(step, manifest.default_answer);
  throw new OpenVibeError("OV_ANSWER_TIMEOUT", `nobody answered ${step.id} within ${manifest.wait_ms} ms`);
}

/** A yes needs everybody's yes; of other fields the last answer counts. */
function agreed(answers: readonly JsonObject[]): JsonObject {
  const merged: Record<string, JsonValue> = {};
  for (const answer of answers)
    for (const [field, value] of Object.entries(answer)) merged[field] = merged[field] === false && value === true ? false : value;
  return merged;
}

function answered(step: PlannedStep, answer: JsonObject): PauseEnd {
  return { patch: answer, position: step.kind === "linear" ? step.next : (step.routes[HumanRoute.Answered] ?? null) };
}

function ask(step: PlannedStep, question: Question, due: RunWrite["due"]): Pause {
  const interrupt: Interrupt = { kind: "human", node_id: step.id, data: question as unknown as JsonObject };
  return { interrupt, ...(due === undefined ? {} : { due }) };
}

function deadlineOf({ deadline }: Question): RunWrite["due"] {
  return deadline === undefined ? undefined : { at: Date.parse(deadline) };
}

function humanOf({ id, manifest }: PlannedStep): HumanStepManifest {
  if (manifest.kind === "human") return manifest;
  throw new OpenVibeError("OV_DEFINITION_INVALID", `step ${id} is ${manifest.kind} in the manifest and human in code`);
}
