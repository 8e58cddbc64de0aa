import { didYouMean, isPlainObject, type JsonObject, nearestNames, parseRfc3339, pointerToken, type Tags } from "@openvibe/core";
import { refusal, typeOf } from "./refusal.ts";
import { parseTags } from "./tags.ts";

/** What a caller sends to start a run. */
export interface ActivationBody {
  readonly trigger: string;
  readonly input: JsonObject;
  readonly tags: Tags;
  /** Milliseconds since 1970. */
  readonly deadline?: number;
}

const FIELDS = ["trigger", "input", "tags", "deadline", "priority"];

/** There is one lane: who asks for another is told, instead of being passed over in silence. */
const PRIORITIES: readonly unknown[] = ["normal"];

/**
 * Reads `{trigger, input?, tags?, deadline?, priority?}` strictly: nothing is coerced, nothing dropped.
 * @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD, OV_PRIORITY_UNKNOWN
 */
export function parseActivationBody(body: unknown): ActivationBody {
  if (!isPlainObject(body))
    throw refusal("OV_REQUEST_INVALID", "", `expected an object such as {"trigger": "…", "input": {…}}, got ${typeOf(body)}`);
  for (const field in body) {
    if (FIELDS.includes(field)) continue;
    const detail = `unknown field${didYouMean(nearestNames(field, FIELDS))}; allowed are ${FIELDS.join(", ")}`;
    throw refusal("OV_UNKNOWN_FIELD", `/${pointerToken(field.slice(0, 80))}`, detail);
  }
  const { trigger, input = {}, tags = {}, deadline, priority = "normal" } = body;
  if (typeof trigger !== "string") throw refusal("OV_REQUEST_INVALID", "/trigger", `expected a string, got ${typeOf(trigger)}`);
  if (!isPlainObject(input)) throw refusal("OV_REQUEST_INVALID", "/input", `expected an object, got ${typeOf(input)}`);
  checkPriority(priority);
  return {
    trigger,
    input: input as JsonObject,
    tags: parseTags(tags),
    ...(deadline === undefined ? {} : { deadline: parseDeadline(deadline) }),
  };
}

function parseDeadline(given: unknown): number {
  const ms = typeof given === "string" ? parseRfc3339(given) : undefined;
  if (ms !== undefined) return ms;
  const got = typeof given === "string" ? JSON.stringify(given.slice(0, 80)) : typeOf(given);
  throw refusal(
    "OV_REQUEST_INVALID",
    "/deadline",
    `expected a time with its offset (RFC 3339), such as "2026-11-22T10:30:00Z", got ${got}`,
  );
}

function checkPriority(given: unknown): void {
  if (typeof given !== "string") throw refusal("OV_REQUEST_INVALID", "/priority", `expected a string, got ${typeOf(given)}`);
  if (PRIORITIES.includes(given)) return;
  const detail = `${JSON.stringify(given.slice(0, 80))} is no priority; allowed is "normal": an operator's runs are taken in the order they came`;
  throw refusal("OV_PRIORITY_UNKNOWN", "/priority", detail);
}
