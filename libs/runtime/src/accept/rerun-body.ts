import { didYouMean, isPlainObject, type JsonObject, type LlmPrompt, type NodeId, nearestNames, pointerToken } from "@openvibe/core";
import { checkJson } from "./check-json.ts";
import { refusal, typeOf } from "./refusal.ts";

/** What a rerun is to do otherwise than the run it is made of. */
export interface RerunChanges {
  /** Where it begins, with the state that this step saw; at the first step when absent. */
  readonly fromStep?: NodeId;
  /** State fields, laid over those. */
  readonly state?: JsonObject;
  /** In place of the old run's input. */
  readonly input?: JsonObject;
  /** By step. */
  readonly model?: Readonly<Record<NodeId, string>>;
  /** By step: in place of what the step's own code says. */
  readonly prompt?: Readonly<Record<NodeId, Partial<LlmPrompt>>>;
}

const FIELDS = ["from_step", "state", "input", "model", "prompt"];
const PROMPT_FIELDS = ["system", "user"];
const MAX_MODEL = 200;

/**
 * Reads `{from_step?, state?, input?, model?: {step: model}, prompt?: {step: {system?, user?}}}` strictly; nothing at all is an empty one.
 * @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD, OV_RESERVED_KEY, OV_TOO_DEEP, OV_JSON_INVALID
 */
export function parseRerunBody(body: unknown): RerunChanges {
  if (body === undefined) return {};
  const given = toObject(body, "");
  refuseOthers(given, FIELDS, "");
  const { from_step: fromStep, state, input, model, prompt } = given;
  if (fromStep !== undefined && typeof fromStep !== "string")
    throw refusal("OV_REQUEST_INVALID", "/from_step", `expected a step's name, got ${typeOf(fromStep)}`);
  return {
    ...(fromStep === undefined ? {} : { fromStep }),
    ...(state === undefined ? {} : { state: toJsonObject(state, "/state") }),
    ...(input === undefined ? {} : { input: toJsonObject(input, "/input") }),
    ...(model === undefined ? {} : { model: mapOf(model, "/model", toModel) }),
    ...(prompt === undefined ? {} : { prompt: mapOf(prompt, "/prompt", toPrompt) }),
  };
}

function toObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return value;
  throw refusal("OV_REQUEST_INVALID", at, `expected an object, got ${typeOf(value)}`);
}

function toJsonObject(value: unknown, at: string): JsonObject {
  const object = toObject(value, at) as JsonObject;
  checkJson(object, at);
  return object;
}

function mapOf<T>(value: unknown, at: string, read: (entry: unknown, at: string) => T): Readonly<Record<NodeId, T>> {
  const entries = Object.entries(toObject(value, at));
  return Object.fromEntries(entries.map(([step, entry]) => [step, read(entry, `${at}/${pointerToken(step.slice(0, 80))}`)]));
}

function toModel(value: unknown, at: string): string {
  if (typeof value === "string" && value.trim() !== "" && value.length <= MAX_MODEL) return value;
  throw refusal("OV_REQUEST_INVALID", at, `expected a model's name of 1 to ${MAX_MODEL} characters`);
}

function toPrompt(value: unknown, at: string): Partial<LlmPrompt> {
  const prompt = toObject(value, at);
  refuseOthers(prompt, PROMPT_FIELDS, at);
  if (Object.keys(prompt).length === 0) throw refusal("OV_REQUEST_INVALID", at, "expected system, user, or both");
  for (const [field, text] of Object.entries(prompt))
    if (typeof text !== "string") throw refusal("OV_REQUEST_INVALID", `${at}/${field}`, `expected a text, got ${typeOf(text)}`);
  return prompt as Partial<LlmPrompt>;
}

function refuseOthers(given: object, fields: readonly string[], at: string): void {
  const odd = Object.keys(given).find((field) => !fields.includes(field));
  if (odd === undefined) return;
  const detail = `unknown field${didYouMean(nearestNames(odd, fields))}; allowed are ${fields.join(", ")}`;
  throw refusal("OV_UNKNOWN_FIELD", `${at}/${pointerToken(odd.slice(0, 80))}`, detail);
}
