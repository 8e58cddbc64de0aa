/** What a node gives out beside its patch is plain JSON, within bounds. */
import { findJsonFault, isPlainObject, type JsonObject, type JsonValue, OpenVibeError } from "@openvibe/core";

/** As much as a state may have: below what every bus carries in one message. */
const MAX_PAYLOAD_BYTES = 512 * 1024;
const MAX_PROGRESS_BYTES = 8 * 1024;

/** @throws OpenVibeError OV_PATCH_INVALID, OV_BODY_TOO_LARGE: an event that cannot travel would hold back all after it */
export function copyPayload(payload: unknown, what: string): JsonObject {
  const fault = findObjectFault(payload);
  if (fault !== undefined) throw new OpenVibeError("OV_PATCH_INVALID", `${what} ${fault}`);
  const text = JSON.stringify(payload);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PAYLOAD_BYTES)
    throw new OpenVibeError("OV_BODY_TOO_LARGE", `${what} has ${bytes} bytes of JSON; allowed are ${MAX_PAYLOAD_BYTES}`);
  return JSON.parse(text) as JsonObject;
}

/** Why a node's progress cannot be told; `undefined` when it can. */
export function findProgressFault(data: unknown): string | undefined {
  const fault = findObjectFault(data);
  if (fault !== undefined) return fault;
  const bytes = Buffer.byteLength(JSON.stringify(data));
  return bytes > MAX_PROGRESS_BYTES ? `it has ${bytes} bytes of JSON; allowed are ${MAX_PROGRESS_BYTES}` : undefined;
}

/** @throws OpenVibeError OV_PATCH_INVALID */
export function checkContextValue(key: string, value: JsonValue): JsonValue {
  const fault = findJsonFault(value);
  if (fault === undefined) return value;
  throw new OpenVibeError("OV_PATCH_INVALID", `value for context key ${key} ${toText(fault)}`);
}

function findObjectFault(data: unknown): string | undefined {
  const fault = isPlainObject(data) ? findJsonFault(data) : { pointer: "", detail: "must be a JSON object" };
  return fault === undefined ? undefined : toText(fault);
}

function toText({ pointer, detail }: { readonly pointer: string; readonly detail: string }): string {
  return `at ${pointer === "" ? "its top" : pointer}: ${detail}`;
}
