import { isId, type JsonValue, OpenVibeError } from "@openvibe/core";
import { toJsonText } from "./limits.ts";

/** What holds for buckets on every bus: names, keys and sizes are those that all of them can keep. */
const MAX_KEY_LENGTH = 256;
const MAX_VALUE_BYTES = 256 * 1024;

const NAME = /^[A-Za-z0-9_-]{1,128}$/;
const KEY = /^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$/;

/** @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseBucketName(name: string): string {
  if (NAME.test(name)) return name;
  throw new OpenVibeError(
    "OV_PARAMETER_INVALID",
    `bucket name ${JSON.stringify(name.slice(0, 80))} is not allowed: 1 to 128 of A-Z, a-z, 0-9, _ and -`,
  );
}

/** @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseKey(key: string): string {
  if (key.length <= MAX_KEY_LENGTH && KEY.test(key)) return key;
  throw new OpenVibeError(
    "OV_PARAMETER_INVALID",
    `key ${JSON.stringify(key.slice(0, 80))} is not allowed: up to ${MAX_KEY_LENGTH} of A-Z, a-z, 0-9, _, = and -, and single dots between them`,
  );
}

/** @throws OpenVibeError OV_BODY_TOO_LARGE */
export function toValueText(key: string, value: JsonValue): string {
  return toJsonText(value, `the value of key ${key}`, MAX_VALUE_BYTES);
}

/** Who wrote, as a change keeps it. On a shared bus anybody may have written there: what is no id names nobody. */
export function toWriter(text: unknown): { readonly writtenBy?: string } {
  return isId(text) ? { writtenBy: text } : {};
}
