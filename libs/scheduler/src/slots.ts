import type { CronTrigger } from "@openvibe/core";
import { Cron } from "croner";

/** The times of a trigger; milliseconds since 1970. */
export interface Slots {
  /** The first one after this time; `undefined` when there is none to come. */
  after(ms: number): number | undefined;
  /** Those after `from` and up to `to`, oldest first. */
  between(from: number, to: number): readonly number[];
}

/**
 * Where clocks are put forward, a slot with one fixed time that does not exist that day comes at the first minute after the gap; others in the gap do not
 * come. Where they are put back, a slot with one fixed time comes once, at its first passing; others come in both passings. See docs/schedules.md.
 */
export function createSlots({ expression, zone }: CronTrigger): Slots {
  const cron = new Cron(expression, { timezone: zone, mode: "5-part", paused: true });
  const after = (ms: number) => cron.nextRun(new Date(ms))?.getTime();
  return {
    after,
    between(from, to) {
      const found: number[] = [];
      for (let at = after(from); at !== undefined && at <= to; at = after(at)) found.push(at);
      return found;
    },
  };
}
