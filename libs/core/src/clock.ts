/** Where time comes from. Wall-clock milliseconds since 1970 (UTC); tests pass a clock of their own. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** `2026-11-22T10:30:00.000Z` of milliseconds since 1970. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
