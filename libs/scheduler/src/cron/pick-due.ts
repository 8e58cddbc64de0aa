import type { CatchUp } from "@openvibe/core";

/** A slot that is older was missed: something was down, and what the trigger wants of such slots counts. */
const MISSED_AFTER_MS = 60_000;
/** No slot that is older is made good. */
export const CATCH_UP_MS = 86_400_000;
/** So many at once are made good at most, the newest. */
const MOST_AT_ONCE = 100;

/** Which of the slots that have passed get a run, and how many get none. Slots in order, the oldest first. */
export function pickDue(
  passed: readonly number[],
  catchUp: CatchUp,
  now: number,
): { readonly due: readonly number[]; readonly left: number } {
  const due = dueOf(passed, catchUp, now);
  return { due, left: passed.length - due.length };
}

function dueOf(passed: readonly number[], catchUp: CatchUp, now: number): readonly number[] {
  const fresh = passed.filter((slot) => slot > now - MISSED_AFTER_MS);
  switch (catchUp) {
    case "none":
      return fresh;
    case "last":
      return fresh.length > 0 ? fresh : passed.slice(-1);
    case "all":
      return passed.slice(-MOST_AT_ONCE);
    default:
      return catchUp satisfies never;
  }
}
