import { findJsonFault, type JsonFault, type JsonObject, OpenVibeError, type ProblemCode } from "@openvibe/core";

const FAULT_CODES: Readonly<Record<JsonFault["kind"], ProblemCode>> = {
  reserved_key: "OV_RESERVED_KEY",
  too_deep: "OV_TOO_DEEP",
  not_json: "OV_JSON_INVALID",
};

/**
 * HTTP bodies are checked when they are parsed; what code hands in is not.
 * @throws OpenVibeError OV_JSON_INVALID, OV_RESERVED_KEY, OV_TOO_DEEP
 */
export function checkJson(value: JsonObject, at: string): void {
  const fault = findJsonFault(value, at);
  if (fault === undefined) return;
  const { pointer, detail, kind } = fault;
  throw new OpenVibeError(FAULT_CODES[kind], `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
