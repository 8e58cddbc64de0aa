import type { Scheduler } from "../scheduler.ts";

/** Starts nothing: what the clock would start is started by hand. */
export function createNoScheduler(): Scheduler {
  return { look: async () => {}, [Symbol.asyncDispose]: async () => {} };
}
