/** Where time comes from. Wall-clock milliseconds since 1970 (UTC); tests pass a clock of their own. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** The last moment that a JavaScript date can hold. */
export const LAST_TIME = 8_640_000_000_000_000;

let newest = { ms: Number.NaN, iso: "" };

/** `2026-11-22T10:30:00.000Z` of milliseconds since 1970. A busy process asks many times for the same millisecond. */
export function toIso(ms: number): string {
  if (ms !== newest.ms) newest = { ms, iso: new Date(ms).toISOString() };
  return newest.iso;
}
