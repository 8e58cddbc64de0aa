import { isPlainObject, type JsonObject, type JsonValue, messageOf, OpenVibeError, type OperatorId } from "@openvibe/core";

/** Time for an answer when the asker names none. */
export const DEFAULT_ASK_MS = 60_000;

/** What an answerer threw, as it goes back: `{error: {code?, message}}`, on every bus and from programs of any language. */
export function toErrorReply(thrown: unknown): JsonObject {
  return { error: { ...(thrown instanceof OpenVibeError ? { code: thrown.code } : {}), message: messageOf(thrown) } };
}

/** Gives the answer, or throws what came back instead of one. @throws OpenVibeError OV_ASK_FAILED, OV_ASK_TIMEOUT */
export function readReply(reply: JsonValue, operatorId: OperatorId, capability: string): JsonValue {
  const error = isPlainObject(reply) && Object.keys(reply).length === 1 ? reply.error : undefined;
  if (!isPlainObject(error) || typeof error.message !== "string") return reply;
  // The answerer's clock may strike the deadline a moment before the asker's: both mean the same.
  if (error.code === "OV_ASK_TIMEOUT") throw new OpenVibeError("OV_ASK_TIMEOUT", `${operatorId}.${capability}: ${error.message}`);
  throw new OpenVibeError("OV_ASK_FAILED", `${operatorId}.${capability} answered with an error: ${error.message}`, {
    ...(typeof error.code === "string" ? { extra: { answered_code: error.code } } : {}),
  });
}

export function noResponder(operatorId: OperatorId, capability: string, cause?: unknown): OpenVibeError {
  return new OpenVibeError("OV_NO_RESPONDER", `nobody answers for ${operatorId}.${capability}`, { cause });
}

export function askTimeout(operatorId: OperatorId, capability: string, cause?: unknown): OpenVibeError {
  return new OpenVibeError("OV_ASK_TIMEOUT", `${operatorId}.${capability} did not answer before the deadline`, { cause });
}
