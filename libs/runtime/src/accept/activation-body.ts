import { didYouMean, isPlainObject, type JsonObject, nearestNames, OpenVibeError, type ProblemCode, pointerToken } from "@openvibe/core";

/** What a caller sends to start a run. */
export interface ActivationBody {
  readonly trigger: string;
  readonly input: JsonObject;
  readonly tags: JsonObject;
}

const FIELDS = ["trigger", "input", "tags"];

/** Reads `{trigger, input?, tags?}` strictly: nothing is coerced, nothing dropped. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD */
export function parseActivationBody(body: unknown): ActivationBody {
  if (!isPlainObject(body))
    throw wrong("OV_REQUEST_INVALID", "", `expected an object such as {"trigger": "…", "input": {…}}, got ${typeOf(body)}`);
  for (const field in body) {
    if (FIELDS.includes(field)) continue;
    const detail = `unknown field${didYouMean(nearestNames(field, FIELDS))}; allowed are ${FIELDS.join(", ")}`;
    throw wrong("OV_UNKNOWN_FIELD", `/${pointerToken(field.slice(0, 80))}`, detail);
  }
  const { trigger, input = {}, tags = {} } = body;
  if (typeof trigger !== "string") throw wrong("OV_REQUEST_INVALID", "/trigger", `expected a string, got ${typeOf(trigger)}`);
  if (!isPlainObject(input)) throw wrong("OV_REQUEST_INVALID", "/input", `expected an object, got ${typeOf(input)}`);
  if (!isPlainObject(tags)) throw wrong("OV_REQUEST_INVALID", "/tags", `expected an object, got ${typeOf(tags)}`);
  return { trigger, input: input as JsonObject, tags: tags as JsonObject };
}

function wrong(code: ProblemCode, pointer: string, detail: string): OpenVibeError {
  return new OpenVibeError(code, `${pointer === "" ? "the body" : pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}

function typeOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
