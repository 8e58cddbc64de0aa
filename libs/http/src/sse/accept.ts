import { parseWeights } from "../weights.ts";

const EVENT_STREAM_RANGES = ["text/event-stream", "text/*", "*/*"];

/** Whether an `Accept` header admits `text/event-stream` (RFC 9110 §12.5.1): the most specific range decides, `q=0` refuses, no header admits all. */
export function acceptsEventStream(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === "") return true;
  const weights = parseWeights(accept);
  const decisive = EVENT_STREAM_RANGES.find((range) => weights.has(range));
  return decisive !== undefined && (weights.get(decisive) ?? 0) > 0;
}
