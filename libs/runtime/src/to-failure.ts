import { type NodeId, type ProblemCode, type RunError, toRunError } from "@openvibe/core";

/** Events carry it: a longer one would not travel. */
const MAX_MESSAGE = 10_000;

/** What a run keeps of something that was thrown. */
export function toFailure(thrown: unknown, fallback: ProblemCode, nodeId?: NodeId): RunError {
  const failure = toRunError(thrown, fallback, nodeId);
  return failure.message.length <= MAX_MESSAGE ? failure : { ...failure, message: `${failure.message.slice(0, MAX_MESSAGE)}…` };
}
