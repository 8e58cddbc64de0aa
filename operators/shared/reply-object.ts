import { findJsonReply, type JsonObject, type JsonValue } from "openvibe";

/** A model's reply as a JSON object; `undefined` when it is other JSON or none (one whole Markdown fence is allowed, prose is not). */
export function findReplyObject(reply: string): JsonObject | undefined {
  const value = findJsonReply(reply);
  return isJsonObject(value) ? value : undefined;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
