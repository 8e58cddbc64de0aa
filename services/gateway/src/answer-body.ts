import { isPlainObject, type JsonObject } from "@openvibe/core";
import type { Answer } from "@openvibe/runtime";
import { parseFields, wrongField } from "./body-fields.ts";

/** Reads `{answer, by?}` strictly. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD */
export function parseAnswer(body: unknown): Answer {
  const { answer, by } = parseFields(body, ["answer", "by"], '{"answer": {…}}');
  if (!isPlainObject(answer)) throw wrongField("/answer", "expected an object");
  if (by !== undefined && (typeof by !== "string" || by.trim() === "" || by.length > 200))
    throw wrongField("/by", "expected a text of 1 to 200 characters");
  return { answer: answer as JsonObject, ...(by === undefined ? {} : { by: by as string }) };
}
