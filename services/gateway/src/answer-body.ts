import { isPlainObject, type JsonObject, OpenVibeError, type ProblemCode } from "@openvibe/core";
import type { Answer } from "@openvibe/runtime";

const FIELDS = ["answer", "by"];

/** Reads `{answer, by?}` strictly. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD */
export function parseAnswer(body: unknown): Answer {
  if (!isPlainObject(body)) throw wrong("OV_REQUEST_INVALID", "", 'expected an object such as {"answer": {…}}');
  const odd = Object.keys(body).find((field) => !FIELDS.includes(field));
  if (odd !== undefined) throw wrong("OV_UNKNOWN_FIELD", `/${odd.slice(0, 80)}`, `unknown field; allowed are ${FIELDS.join(", ")}`);
  const { answer, by } = body;
  if (!isPlainObject(answer)) throw wrong("OV_REQUEST_INVALID", "/answer", "expected an object");
  if (by !== undefined && (typeof by !== "string" || by.trim() === "" || by.length > 200))
    throw wrong("OV_REQUEST_INVALID", "/by", "expected a text of 1 to 200 characters");
  return { answer: answer as JsonObject, ...(by === undefined ? {} : { by: by as string }) };
}

function wrong(code: ProblemCode, pointer: string, detail: string): OpenVibeError {
  return new OpenVibeError(code, `${pointer === "" ? "the body" : pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
