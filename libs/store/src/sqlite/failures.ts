import { messageOf, OpenVibeError } from "@openvibe/core";

// https://sqlite.org/rescode.html: primary codes
const BUSY = 5;
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;
const NOT_A_DATABASE = 26;

function primaryCode(thrown: unknown): number | undefined {
  const errcode = (thrown as { errcode?: unknown } | null)?.errcode;
  return typeof errcode === "number" ? errcode & 0xff : undefined;
}

/** What a statement threw, in our words. */
export function toStoreError(thrown: unknown, path: string): OpenVibeError {
  if (thrown instanceof OpenVibeError) return thrown;
  const code = primaryCode(thrown);
  // Without a code of SQLite's it is a value that cannot be bound.
  const refused = code === undefined || code === TOO_BIG || code === CONSTRAINT || code === MISMATCH;
  return refused
    ? new OpenVibeError("OV_RUN_UNSTORABLE", `SQLite refuses this run's data: ${messageOf(thrown)}`, { cause: thrown })
    : new OpenVibeError("OV_STORE_UNAVAILABLE", `SQLite store ${path}: ${messageOf(thrown)}`, { cause: thrown });
}

/** Why a file cannot be opened. */
export function toOpenError(thrown: unknown, path: string): OpenVibeError {
  if (thrown instanceof OpenVibeError) return thrown;
  switch (primaryCode(thrown)) {
    case BUSY:
      return new OpenVibeError("OV_STORE_IN_USE", `SQLite store ${path} is held by another process: stop it, or choose another file`, {
        cause: thrown,
      });
    case NOT_A_DATABASE:
      return new OpenVibeError("OV_STORE_SCHEMA", `${path} is no SQLite database`, { cause: thrown });
    default:
      return new OpenVibeError("OV_STORE_UNAVAILABLE", `SQLite store ${path} cannot be opened: ${messageOf(thrown)}`, { cause: thrown });
  }
}
