/**
 * `look_at` is the only column of `runs` that the sweep's index holds: not before that time the row concerns a sweep, NULL never again. What
 * exactly it concerns stands in columns without an index, so that claims, steps and terminal writes leave the index alone (on Postgres: HOT).
 *
 * What must stay true: every queued or running row has one; of a queued row it is never further ahead than the sweep's longest span, of a running row
 * at most `LOOK_AFTER_MS` after its claim, of a row with unsent events at most `LOOK_AFTER_MS` after `unsent_since`, of a row without an owner in
 * `running` not in the future, of a waiting row with `due_at` at most that.
 */
import { BEAT_EVERY_MS, SILENT_AFTER_MS } from "@openvibe/core";

/** No owner is silent sooner after a claim: its last beat before that is at most a beat old. */
export const LOOK_AFTER_MS = SILENT_AFTER_MS - BEAT_EVERY_MS;

/** The sooner of two times, of which the first may be NULL; both dialects lack the other's LEAST. */
export function soonest(a: string, b: string): string {
  return `CASE WHEN ${a} < ${b} THEN ${a} ELSE ${b} END`;
}
