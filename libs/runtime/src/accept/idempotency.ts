import { hash } from "node:crypto";
import { canonicalJson, type JsonObject, OpenVibeError, type OperatorId } from "@openvibe/core";

const MAX_LENGTH = 255;
const ALLOWED = /^[\x20-\x7e]{1,255}$/;
const QUOTED = /^"(?:[^"\\]|\\["\\])*"$/;

/**
 * Reads an `Idempotency-Key`: 1 to 255 printable ASCII characters, bare or as a quoted string; both spellings name the same key.
 * @throws OpenVibeError OV_IDEMPOTENCY_KEY_INVALID
 */
export function parseIdempotencyKey(given: string): string {
  const text = given.trim();
  const key = QUOTED.test(text) ? text.slice(1, -1).replaceAll(/\\(["\\])/g, "$1") : text;
  if (ALLOWED.test(key)) return key;
  throw new OpenVibeError(
    "OV_IDEMPOTENCY_KEY_INVALID",
    `the Idempotency-Key has ${key.length} characters or some that are not printable ASCII; allowed are 1 to ${MAX_LENGTH} printable ASCII characters`,
  );
}

/** The key as the store knows it: a key belongs to the caller who made it, and to the operator it was used for. */
export function scopeIdempotencyKey(principal: string, operatorId: OperatorId, key: string): string {
  return `${principal}/${operatorId}/${key}`;
}

/** What a request asks for, so that the same key with another request is noticed. */
export function toFingerprint(request: { readonly trigger: string; readonly input: JsonObject; readonly tags: JsonObject }): string {
  const { trigger, input, tags } = request;
  return hash("sha256", canonicalJson({ trigger, input, tags }));
}
