import { SWEEP_AFTER_MS } from "@openvibe/core";

/** When the sweep publishes a queued run's wake-up for the first time. */
export const FIRST_SWEEP_MS = SWEEP_AFTER_MS[0];

/** SQL for the wait after the `count`-th publication (counted from 0): the last span repeats. */
export function spanAfter(count: string): string {
  const spans = SWEEP_AFTER_MS.map((ms, index) => `WHEN ${index} THEN ${ms}`).join(" ");
  return `(CASE ${count} ${spans} ELSE ${SWEEP_AFTER_MS.at(-1)} END)`;
}
