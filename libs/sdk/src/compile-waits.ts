/** Steps that let a run wait, and the loop: checked, as data, and their code. */

import { type JsonObject, OpenVibeError, parseDuration, type StepCode, type StepManifest } from "@openvibe/core";
import { checkOptions, definitionFault } from "./definition-fault.ts";
import type { EventWaitSettings, HumanDraft, LoopDraft, WaitDraft } from "./draft.ts";
import { toJsonSchema } from "./json-schema.ts";
import { checkField, checkWhen, checkWhole } from "./load-checks.ts";
import type { StateField, StateSchema } from "./state-schema.ts";
import { createCheckPatch } from "./state-values.ts";
import type { RetryOptions } from "./step-options.ts";
import { objectLike } from "./zod-kin.ts";

const RETRY_PAUSE_MS = 30_000;
const MAX_RETRY_PAUSE_MS = 7 * 86_400_000;
const HUMAN_OPTIONS = ["prompt", "answer", "timeout", "default", "onTimeout", "reminder", "approvers", "when"];

type Retries = Pick<Extract<StepManifest, { kind: "node" }>, "retries">;

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileRetries(retries: number | RetryOptions | undefined, at: string): Retries {
  if (retries === undefined) return {};
  const given = typeof retries === "number" ? { attempts: retries + 1 } : retries;
  checkOptions(given, ["attempts", "backoff", "factor", "longest", "jitter", "on"], `${at}, retries`);
  const { attempts, backoff = "1s", factor = 2, longest = RETRY_PAUSE_MS, jitter = 0.2, on } = given;
  checkWhole(attempts, "retries: attempts", 1, 100, at);
  if (attempts === undefined) throw definitionFault(at, "retries: attempts is missing; allowed is a whole number from 1 to 100");
  if (!(typeof factor === "number" && factor >= 1 && factor <= 10))
    throw definitionFault(at, "retries: factor must be a number from 1 to 10");
  if (!(typeof jitter === "number" && jitter >= 0 && jitter <= 1))
    throw definitionFault(at, "retries: jitter must be a number from 0 to 1");
  if (on !== undefined && typeof on !== "function") throw definitionFault(at, "retries: on must be a function of the error");
  const longestMs = parseDuration(longest, `${at}, retries: longest`);
  if (longestMs > MAX_RETRY_PAUSE_MS) throw definitionFault(at, "retries: longest may be 7d at most");
  return {
    retries: { attempts, backoff_ms: parseDuration(backoff, `${at}, retries: backoff`), factor, longest_ms: longestMs, jitter },
  };
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileLoop(
  { name, options, body }: LoopDraft,
  at: string,
  compileBody: (body: NonNullable<LoopDraft["body"]>) => StepManifest[],
): { manifest: StepManifest; code: StepCode } {
  checkOptions(options, ["while", "until", "maxIterations", "timeout"], at);
  const { while: holds, until, maxIterations, timeout } = options;
  if ((holds === undefined) === (until === undefined)) throw definitionFault(at, "give while or until, exactly one of the two");
  const condition = holds ?? until;
  if (typeof condition !== "function") throw definitionFault(at, "while and until are functions of the state that give true or false");
  if (maxIterations === undefined) throw definitionFault(at, "maxIterations is missing; allowed is a whole number from 1 to 10000");
  checkWhole(maxIterations, "maxIterations", 1, 10_000, at);
  if (body === undefined || body.length === 0)
    throw definitionFault(at, "the body must be a function that chains steps onto the one it is given and returns them");
  return {
    manifest: {
      kind: "loop",
      id: name,
      max_iterations: maxIterations,
      body: compileBody(body),
      ...(timeout === undefined ? {} : { timeout_ms: parseDuration(timeout, `${at}, timeout`) }),
    },
    code: {
      kind: "loop",
      goesOn: async (state, ctx) => {
        const answer = await condition(state, ctx);
        // What is neither true nor false is the runtime's to refuse.
        return holds === undefined && typeof answer === "boolean" ? !answer : answer;
      },
    },
  };
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileWait({ name, time, options = {} }: WaitDraft, at: string): { manifest: StepManifest; code: StepCode } {
  checkOptions(options, ["when"], at);
  checkWhen(options.when, at);
  if (typeof time !== "object" || time === null)
    return { manifest: { kind: "wait", id: name, duration_ms: parseDuration(time, at) }, code: { kind: "wait" } };
  checkOptions(time, ["until"], at);
  const { until } = time as Exclude<typeof time, EventWaitSettings>;
  if (typeof until !== "function") throw definitionFault(at, "until must be a function of the state that gives a time");
  return {
    manifest: { kind: "wait", id: name },
    code: { kind: "wait", until: async (state, ctx) => toMs(await until(state, ctx), at) },
  };
}

/** ISO 8601 with its zone: what lacks one would mean another moment on every server. */
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

function toMs(time: unknown, at: string): number {
  const ms = time instanceof Date ? time.getTime() : typeof time === "string" ? (ISO.test(time) ? Date.parse(time) : Number.NaN) : time;
  if (typeof ms === "number" && Number.isFinite(ms)) return ms;
  throw new OpenVibeError(
    "OV_NODE_FAILED",
    `${at}: until gave ${typeof time === "string" ? JSON.stringify(time.slice(0, 80)) : `a value of type ${typeof time}`}; allowed is a Date, ISO 8601 with its zone, or milliseconds since 1970`,
  );
}

/** `compileArm` compiles the steps for a timeout. @throws OpenVibeError OV_DEFINITION_INVALID */
export function compileHuman(
  draft: HumanDraft,
  state: StateSchema,
  at: string,
  compileArm: (arm: NonNullable<HumanDraft["timedOut"]>) => StepManifest[],
): StepManifest {
  const { name, options } = draft;
  checkOptions(options, HUMAN_OPTIONS, at);
  checkWhen(options.when, at);
  const { prompt, answer, timeout, default: byDefault, reminder, approvers } = options;
  if (typeof prompt !== "string" && typeof prompt !== "function")
    throw definitionFault(at, "prompt must be a text or a function of the state that gives one");
  if (!Array.isArray(answer) || answer.length === 0) throw definitionFault(at, "answer must name at least one field of the state");
  for (const field of answer) checkField(field, state, `${at}, answer`);
  const needsTimeout = [byDefault !== undefined && "default", "timedOut" in draft && "onTimeout"].find((option) => option !== false);
  if (timeout === undefined && needsTimeout !== undefined) throw definitionFault(at, `${needsTimeout} needs a timeout`);
  if (byDefault !== undefined && "timedOut" in draft) throw definitionFault(at, "give default or onTimeout, not both");
  if ("timedOut" in draft && draft.timedOut === undefined)
    throw definitionFault(at, "onTimeout must be null, or a function that chains steps onto the one it is given and returns them");
  const waitMs = timeout === undefined ? undefined : parseDuration(timeout, `${at}, timeout`);
  const remindMs = reminder === undefined ? undefined : parseDuration(reminder, `${at}, reminder`);
  if (remindMs !== undefined && waitMs !== undefined && remindMs >= waitMs)
    throw definitionFault(at, "reminder must come before the timeout");
  return {
    kind: "human",
    id: name,
    answer: [...answer],
    answer_schema: answerSchema(answer, state),
    ...(waitMs === undefined ? {} : { wait_ms: waitMs }),
    ...(byDefault === undefined ? {} : { default_answer: checkDefault(byDefault, answer, state, name, at) }),
    ...(draft.timedOut === undefined ? {} : { timed_out: compileArm(draft.timedOut) }),
    ...(remindMs === undefined ? {} : { remind_after_ms: remindMs }),
    ...(approvers === undefined ? {} : { approvers: checkApprovers(approvers, at) }),
  };
}

function answerSchema(answer: readonly string[], { fields, object }: StateSchema) {
  const shape = answer
    .map((name) => fields.get(name))
    .filter((field): field is StateField => field !== undefined)
    .map(({ name, schema }) => [name, schema] as const);
  return toJsonSchema(objectLike(object, Object.fromEntries(shape)).strict(), "output");
}

function checkDefault(given: unknown, answer: readonly string[], state: StateSchema, name: string, at: string): JsonObject {
  const checked = createCheckPatch(state, `${at}, default`)(given as JsonObject, name);
  const odd = Object.keys(checked).find((field) => !answer.includes(field));
  if (odd !== undefined) throw definitionFault(at, `default gives ${JSON.stringify(odd)}, which is none of the answer's fields`);
  return checked;
}

function checkApprovers(approvers: NonNullable<HumanDraft["options"]["approvers"]>, at: string) {
  checkOptions(approvers, ["of", "needed"], `${at}, approvers`);
  const { of, needed = of?.length } = approvers;
  const named = Array.isArray(of) && of.length > 0 && of.every((one) => typeof one === "string" && one.trim() !== "");
  if (!named || new Set(of).size < of.length) throw definitionFault(at, "approvers: of must name people, each of them once");
  if (!Number.isInteger(needed) || needed < 1 || needed > of.length)
    throw definitionFault(at, `approvers: needed must be a whole number from 1 to ${of.length}`);
  return { of: [...of], needed };
}
