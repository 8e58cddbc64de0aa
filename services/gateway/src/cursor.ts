import { hash } from "node:crypto";
import { canonicalJson, isId, type JsonObject, type Run } from "@openvibe/core";
import { parameterInvalid } from "@openvibe/http";
import type { RunPage } from "@openvibe/store";

/** Where the next page begins. Opaque to callers, and good for the filter it was made with only. */
export function toCursor(last: Run, filter: JsonObject): string {
  return Buffer.from(JSON.stringify([last.createdAt, last.runId, digestOf(filter)])).toString("base64url");
}

/** @throws OpenVibeError OV_PARAMETER_INVALID */
export function parseCursor(cursor: string | undefined, filter: JsonObject): RunPage["before"] {
  if (cursor === undefined) return undefined;
  const [createdAt, runId, digest] = readParts(cursor);
  if (typeof createdAt !== "number" || !Number.isSafeInteger(createdAt) || !isId(runId))
    throw parameterInvalid("cursor", "is not one that this server gave");
  if (digest !== digestOf(filter)) throw parameterInvalid("cursor", "belongs to another list or filter; begin again without it");
  return { createdAt, runId };
}

function readParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return []; // told by the caller, as any other that is not ours
  }
}

function digestOf(filter: JsonObject): string {
  return hash("sha256", canonicalJson(filter)).slice(0, 12);
}
