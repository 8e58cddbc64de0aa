import { percentile } from "../statistics.ts";
import { BOUNDS, type Figure, isWithin, trendOf } from "./samples.ts";
import type { StreamSoakResult } from "./streams.ts";

const SLOWER_TIMES = 3;
const SHARES = [0.5, 0.99] as const;

export interface StreamVerdict {
  readonly rows: readonly (readonly string[])[];
  /** What is not as promised; none when all is. */
  readonly faults: readonly string[];
}

/**
 * Memory is flat, one client that stalls slows nobody, and nobody misses anything. `slowerByMs`: what else goes on on the machine may make the others
 * hear so much later; were it the stalled client, they would hear nothing at all.
 */
export function judgeStreamSoak(result: StreamSoakResult, { slowerByMs = 50 }: { readonly slowerByMs?: number } = {}): StreamVerdict {
  const { lost, wrong, drops, calm, stalled, memory, published } = result;
  const rows: string[][] = [["", "before", "after", "change", "allowed", ""]];
  const faults: string[] = [];
  const add = (name: string, [before, after, change, allowed]: readonly number[], fine: boolean, what: string) => {
    rows.push([name, ...[before, after, change, allowed].map((n = Number.NaN) => n.toFixed(1)), fine ? "" : what]);
    if (!fine) faults.push(`${name} ${what}: ${before?.toFixed(1)} to ${after?.toFixed(1)}`);
  };
  for (const share of SHARES) {
    const [before, after] = [percentile(calm, share), percentile(stalled, share)];
    const allowed = before * SLOWER_TIMES + slowerByMs;
    add(`latency p${share * 100}, ms, one client stalled`, [before, after, after - before, allowed], after <= allowed, "SLOWER");
  }
  for (const { figure, share, size } of BOUNDS) {
    const trend = trendOf(memory, figure);
    if (trend === undefined) {
      if (isOfProbe(figure)) faults.push(`${figure} of the relay was seen ${memory.points.length} times, which says nothing`);
      continue;
    }
    const allowed = Math.max(trend.begin * share, size);
    add(`relay: ${figure}`, [trend.begin, trend.end, trend.growth, allowed], isWithin(trend, { figure, share, size }), "GROWS");
  }
  if (published === 0 || calm.length === 0 || stalled.length === 0) faults.push("nothing was heard");
  if (lost > 0) faults.push(`${lost} streams ended by themselves`);
  if (wrong > 0) faults.push(`${wrong} events were not heard, or not in their place`);
  if (drops !== undefined && drops !== 1) faults.push(`${drops} clients were dropped; the one that stopped reading should have been`);
  return { rows, faults };
}

function isOfProbe(figure: Figure): boolean {
  return figure !== "fds" && figure !== "rows";
}
