/** How long a stop waits for running steps, by default. */
export const DRAIN_TIMEOUT_MS = 25_000;
/** What a stop takes beyond that at most: aborted steps hand their runs back, and what is open is closed. */
export const CLOSE_DOWN_MS = 5_000;
