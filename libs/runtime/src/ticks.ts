const TICK_MS = 10;

/**
 * Milliseconds until the tick at which this process tells what can wait a little: half a tick at least, one and a half at most. All runs have the same
 * ticks: what shares one shares the log's transaction and the broker's packets.
 */
export const untilTick = (): number => 1.5 * TICK_MS - (performance.now() % TICK_MS);
