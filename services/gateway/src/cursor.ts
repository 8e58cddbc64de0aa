import { hash } from "node:crypto";
import { canonicalJson, isId, type JsonObject, type JsonValue, type Run } from "@openvibe/core";
import { parameterInvalid, textParameter } from "@openvibe/http";
import type { RunPage } from "@openvibe/store";

export const CURSOR = textParameter({
  pattern: /^[A-Za-z0-9_-]{1,800}$/,
  what: "the next_cursor of the page before",
  description: "The next_cursor of the page before; the other parameters stay the same, but for limit.",
});

/** Where the next page of runs begins. `list` is what was asked for: the cursor is good for that only. */
export function toRunCursor(last: Run, list: JsonObject): string {
  return toTimeCursor({ at: last.createdAt, id: last.runId }, list);
}

/** @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseRunCursor(cursor: string | undefined, list: JsonObject): RunPage["before"] {
  const before = parseTimeCursor(cursor, list);
  return before && { createdAt: before.at, runId: before.id };
}

/** Where the next page of anything begins that is sorted by time, and by id within a millisecond. */
export function toTimeCursor({ at, id }: { readonly at: number; readonly id: string }, list: JsonObject): string {
  return toCursor([at, id], list);
}

/** @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseTimeCursor(cursor: string | undefined, list: JsonObject): { readonly at: number; readonly id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at, id] = parseCursor(cursor, list);
  if (!isTime(at) || !isId(id)) throw notOurs();
  return { at, id };
}

/** Where the next page of keys begins: behind this one. */
export function toKeyCursor(lastKey: string, list: JsonObject): string {
  return toCursor([lastKey], list);
}

/** @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseKeyCursor(cursor: string | undefined, list: JsonObject): string | undefined {
  if (cursor === undefined) return undefined;
  const [key] = parseCursor(cursor, list);
  if (typeof key !== "string") throw notOurs();
  return key;
}

/** Opaque to callers. */
function toCursor(place: readonly JsonValue[], list: JsonObject): string {
  return Buffer.from(JSON.stringify([...place, digestOf(list)])).toString("base64url");
}

function parseCursor(cursor: string, list: JsonObject): readonly unknown[] {
  const parts = readParts(cursor);
  const digest = parts.at(-1);
  if (typeof digest !== "string" || digest.length !== DIGEST_LENGTH) throw notOurs();
  if (digest !== digestOf(list)) throw parameterInvalid("cursor", "belongs to another list or filter; begin again without it");
  return parts.slice(0, -1);
}

function readParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return []; // told by the caller, as any other that is not ours
  }
}

const notOurs = () => parameterInvalid("cursor", "is not one that this server gave");

const isTime = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);

const DIGEST_LENGTH = 12;

function digestOf(list: JsonObject): string {
  return hash("sha256", canonicalJson(list)).slice(0, DIGEST_LENGTH);
}
