import { isOpenVibeError } from "@openvibe/core";

const FIRST_MS = 100;
const LONGEST_MS = 2_000;

/** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}

export interface Patience {
  /** Ends the patience: then the last error is thrown. */
  readonly signal: AbortSignal;
  readonly onOutage?: (attempt: number) => void;
}

/**
 * Repeats a call while the bus or the store cannot be reached: an outage of either is no failure of a node (DESIGN §6). Other errors are thrown at once.
 * The call must be one that may be repeated.
 */
export async function patiently<T>(call: () => Promise<T>, { signal, onOutage }: Patience): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isOpenVibeError(error, "OV_STORE_UNAVAILABLE", "OV_BUS_UNAVAILABLE", "OV_OUTCOME_UNKNOWN")) throw error;
      onOutage?.(attempt);
      await pause(Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 5)), signal);
    }
  }
}
