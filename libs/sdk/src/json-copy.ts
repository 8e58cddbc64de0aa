import type { JsonObject, JsonValue } from "@openvibe/core";

/** Copies what `findJsonFault` found in order; properties that are `undefined` are left out. */
export function copyJson(value: unknown): JsonValue {
  if (typeof value !== "object" || value === null) return value as JsonValue;
  if (Array.isArray(value)) return value.map(copyJson);
  return copyJsonObject(value as Record<string, unknown>);
}

export function copyJsonObject(object: Readonly<Record<string, unknown>>): JsonObject {
  const copy: Record<string, JsonValue> = {};
  for (const key of Object.keys(object)) {
    const entry = object[key];
    if (entry !== undefined) copy[key] = copyJson(entry);
  }
  return copy;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const entry of Object.values(value)) deepFreeze(entry);
  }
  return value;
}
