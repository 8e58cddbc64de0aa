import { type Finding, failFinding, okFinding, warnFinding } from "./finding.ts";

const WARN_SKEW_MS = 1_000;
const FAIL_SKEW_MS = 30_000;

/** `aheadMs`: the other's clock minus ours; known to within `uncertainMs`. */
export function skewFinding(check: string, other: string, { aheadMs, uncertainMs }: { aheadMs: number; uncertainMs: number }): Finding {
  const least = Math.max(0, Math.abs(aheadMs) - uncertainMs);
  const seconds = Math.abs(aheadMs) / 1_000;
  const shown = `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const what =
    least < WARN_SKEW_MS
      ? `the clocks of ${other} and this machine agree`
      : `the clock of ${other} is ${shown} ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
  const advice = {
    why: "deadlines, lifetimes and times of events are compared across machines",
    todo: "let both follow the same time servers (NTP)",
  };
  if (least >= FAIL_SKEW_MS) return failFinding(check, what, advice);
  return least >= WARN_SKEW_MS ? warnFinding(check, what, advice) : okFinding(check, what);
}
