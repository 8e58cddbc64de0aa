const EVENT_STREAM_RANGES = ["text/event-stream", "text/*", "*/*"];

/** Whether an `Accept` header admits `text/event-stream` (RFC 9110 §12.5.1): the most specific range decides, `q=0` refuses, no header admits all. */
export function acceptsEventStream(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === "") return true;
  const weights = new Map<string, number>();
  for (const part of accept.toLowerCase().split(",")) {
    const [range = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    weights.set(range, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  const decisive = EVENT_STREAM_RANGES.find((range) => weights.has(range));
  return decisive !== undefined && (weights.get(decisive) ?? 0) > 0;
}
