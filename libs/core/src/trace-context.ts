/** W3C Trace Context level 1: https://www.w3.org/TR/trace-context/#traceparent-header */

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const MAX_LENGTH = 200;

/** The header as it is to be kept, or `undefined`: what is malformed is passed over, as the standard asks, and is never an error. */
export function parseTraceparent(given: unknown): string | undefined {
  if (typeof given !== "string" || given.length > MAX_LENGTH) return undefined;
  const [, version, traceId, parentId, , more] = TRACEPARENT.exec(given) ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  return isZero(traceId) || isZero(parentId) ? undefined : given;
}

/** Its trace id: what log lines carry, and what tracing tools search for. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

function isZero(hex: string | undefined): boolean {
  return hex === undefined || /^0+$/.test(hex);
}
