import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import { isOpenVibeError, messageOf, OpenVibeError } from "@openvibe/core";

/** Wraps whatever the client threw. `what` says what was tried, with the ids. */
export function toBusError(what: string, cause: unknown): OpenVibeError {
  if (isOpenVibeError(cause)) return cause;
  const code = isTooLarge(cause) ? "OV_BODY_TOO_LARGE" : "OV_BUS_UNAVAILABLE";
  return new OpenVibeError(code, `${what}: ${messageOf(cause)}`, { cause });
}

/** Nobody listens there: an election, a stream or consumer that is missing. The message did not arrive. */
export function isNoResponders(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  if (error instanceof errors.RequestError) return error.isNoResponders();
  // The JetStream client has a name of its own for it, and exports no class.
  return error instanceof Error && error.name === "JetStreamNotEnabled";
}

export function isTimeout(error: unknown): boolean {
  return error instanceof errors.TimeoutError;
}

export function isTooLarge(error: unknown): boolean {
  return error instanceof errors.InvalidArgumentError && error.message.includes("max_payload");
}

export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}

/** Whether it may go well when tried again soon: elections, lost connections, an overloaded server. */
export function isPassing(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return isPassingStatus(error.status);
  if (isOpenVibeError(error)) return error.code === "OV_BUS_UNAVAILABLE"; // the connection was lost meanwhile
  if (isNoResponders(error) || isTimeout(error)) return true;
  // What waited for an answer when the connection went.
  return error instanceof errors.RequestError && !(error.cause instanceof errors.PermissionViolationError);
}

export function isPassingStatus(status: number): boolean {
  return status === 408 || status === 429 || status === 503;
}
