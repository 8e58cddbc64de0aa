import { hash } from "node:crypto";
import { canonicalJson, OpenVibeError } from "@openvibe/core";
import type { RunRequest } from "./new-run.ts";

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

/** The key as the store knows it, and what it was asked for with. */
export interface RequestKey {
  readonly idempotencyKey: string;
  /** The same key with another one is a mistake of the caller. */
  readonly fingerprint: string;
}

/**
 * A key belongs to the caller who made it and to the operator, or the run, that it was used for: what may stand in an id keeps these apart. The
 * fingerprint is of what was asked, before anything is read from it.
 */
export function toRequestKey(
  principal: string,
  key: string,
  { operatorId, trigger, input, tags, deadline, rerunOf, changes }: RunRequest,
): RequestKey {
  const place = rerunOf === undefined ? operatorId : `${operatorId}:${changes === undefined ? "redrive" : "rerun"}:${rerunOf}`;
  return {
    idempotencyKey: `${principal}/${place}/${key}`,
    fingerprint: hash("sha256", canonicalJson({ trigger, input, tags, deadline, changes })),
  };
}
