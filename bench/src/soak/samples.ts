import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "../processes.ts";
import { median } from "../statistics.ts";

/** What a process says of itself, after a collection of garbage. */
export interface ProbeLine {
  readonly at: number;
  /** Of V8, and what its objects hold outside. */
  readonly heapMb: number;
  readonly rssMb: number;
  /** 99th percentile of the event loop's delay since the line before. */
  readonly lagMs: number;
  readonly resources: number;
}

export type Figure = "heapMb" | "rssMb" | "lagMs" | "resources" | "fds" | "rows";

/** One process or store over time. */
export interface Series {
  readonly name: string;
  readonly points: readonly ({ readonly at: number } & Readonly<Partial<Record<Figure, number>>>)[];
}

export interface Bound {
  readonly figure: Figure;
  /** Growth over the measured span that is still none: the larger of a share of what there was and a size. */
  readonly share: number;
  readonly size: number;
}

/**
 * What may grow between warm-up's end and the end. Noise of a few minutes is a few MB; a leak of one object (some 1 KB) a run at 40 runs/s is 2.4 MB a minute.
 * Memory of the process as a whole moves in larger steps, as the allocator takes them.
 */
export const BOUNDS: readonly Bound[] = [
  { figure: "heapMb", share: 0.05, size: 3 },
  { figure: "rssMb", share: 0.15, size: 24 },
  { figure: "fds", share: 0.1, size: 8 },
  { figure: "resources", share: 0.1, size: 12 },
];

export interface Trend {
  readonly begin: number;
  readonly end: number;
  /** By the median slope of all pairs of points (Theil-Sen), over the whole span: a single outlier does not move it. */
  readonly growth: number;
}

/** `undefined` where there are too few points to say anything. */
export function trendOf(series: Series, figure: Figure): Trend | undefined {
  const points = series.points.flatMap(({ at, [figure]: value }) => (value === undefined ? [] : [{ at, value }]));
  const [first] = points;
  const last = points.at(-1);
  if (points.length < 8 || first === undefined || last === undefined) return undefined;
  const slopes = points.flatMap((from, index) => points.slice(index + 1).map((to) => (to.value - from.value) / (to.at - from.at)));
  const third = Math.ceil(points.length / 3);
  const middle = (some: typeof points) => median(some.map(({ value }) => value));
  return { begin: middle(points.slice(0, third)), end: middle(points.slice(-third)), growth: median(slopes) * (last.at - first.at) };
}

export function isWithin({ begin, growth }: Trend, { share, size }: Bound): boolean {
  return growth <= Math.max(begin * share, size);
}

/** What the processes of the parts have written since `after`. */
export function readProbes(folder: string, parts: readonly Part[], after: number): Series[] {
  return parts.map(({ name, pid }) => ({
    name,
    points: readLines(join(folder, `${pid}.jsonl`)).filter(({ at }) => at >= after),
  }));
}

function readLines(file: string): ProbeLine[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return []; // no line yet
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ProbeLine);
}

/** Files and sockets that a process has open; `undefined` where it is gone. */
export function openFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}
