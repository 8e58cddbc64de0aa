import { ErrorReply } from "@redis/client";
import { isOpenVibeError, messageOf, OpenVibeError } from "@openvibe/core";

/** Answers of a server that starts, fails over, or is busy: it may go well soon. https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const PASSING = new Set(["LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "READONLY", "NOREPLICAS", "MISCONF", "NOSCRIPT", "UNBLOCKED"]);
const LOGIN = new Set(["NOAUTH", "WRONGPASS"]);

/** Wraps whatever the client threw. `what` says what was tried, with the ids. */
export function toBusError(what: string, cause: unknown): OpenVibeError {
  if (isOpenVibeError(cause)) return cause;
  return new OpenVibeError(isFull(cause) ? "OV_BUS_FULL" : "OV_BUS_UNAVAILABLE", `${what}: ${messageOf(cause)}`, { cause });
}

/** The word that a server's refusal begins with, such as `OOM`; none where the server did not answer. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof ErrorReply ? (/^[A-Z]+/.exec(error.message)?.[0] ?? "ERR") : undefined;
}

/** Whether it may go well when tried again soon: a lost connection, a failover. */
export function isPassing(error: unknown): boolean {
  if (isOpenVibeError(error)) return error.code === "OV_BUS_UNAVAILABLE";
  const refusal = refusalOf(error);
  return refusal === undefined || PASSING.has(refusal);
}

/** `maxmemory` is reached, and nothing may be evicted. */
function isFull(error: unknown): boolean {
  return refusalOf(error) === "OOM";
}

export function isLoginRefused(error: unknown): boolean {
  return LOGIN.has(refusalOf(error) ?? "");
}

/** The operator's stream or its group is not there (any more). */
export function isGroupMissing(error: unknown): boolean {
  return refusalOf(error) === "NOGROUP";
}
