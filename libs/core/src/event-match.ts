import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { JsonObject, JsonValue } from "./json.ts";

const MAX_TEXT = 200;

/** What an event is found by among those of its type: the same text for the same fields with the same values. Empty without fields. */
export function matchKeyOf(values: Readonly<Record<string, JsonValue>>): string {
  if (Object.keys(values).length === 0) return "";
  const text = canonicalJson(values);
  return text.length <= MAX_TEXT ? text : `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The key of an event by these fields of its data; `undefined` when it lacks one of them. */
export function matchKeyIn(data: JsonObject, fields: readonly string[]): string | undefined {
  const values: Record<string, JsonValue> = {};
  for (const field of fields) {
    if (!Object.hasOwn(data, field)) return undefined;
    values[field] = data[field] as JsonValue;
  }
  return matchKeyOf(values);
}
