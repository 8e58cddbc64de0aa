import { OpenVibeError, type ProblemCode } from "@openvibe/core";

/** What is wrong at one place of the request. `pointer` is empty for the whole body. */
export function refusal(code: ProblemCode, pointer: string, detail: string): OpenVibeError {
  return new OpenVibeError(code, `${pointer === "" ? "the body" : pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}

export function typeOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
