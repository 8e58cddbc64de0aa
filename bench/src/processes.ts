/** What processes cost, as Linux counts it in `/proc`. */
import { readdirSync, readFileSync } from "node:fs";

/** A part of a system: a process, with all below it. */
export interface Part {
  readonly name: string;
  readonly pid: number;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly cpuMs: number;
  /** Of children that ended and were waited for. */
  readonly endedChildrenMs: number;
}

/** All processes at one moment. */
export interface Census {
  readonly rows: ReadonlyMap<number, ProcessRow>;
  /** What all cores did since boot, idling left out. */
  readonly machineMs: number;
}

/** Linux counts in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;

export function takeCensus(): Census {
  const rows = new Map<number, ProcessRow>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const text = readOrNothing(`/proc/${entry}/stat`);
    if (text !== undefined) rows.set(Number(entry), parseStat(text));
  }
  return { rows, machineMs: parseMachine(readFileSync("/proc/stat", "utf8")) };
}

/** CPU of a process and of all below it, those that ended included. */
export function cpuMsOf({ rows }: Census, pid: number): number {
  let sum = 0;
  for (const below of subtree(rows, pid)) {
    const row = rows.get(below);
    if (row !== undefined) sum += row.cpuMs + row.endedChildrenMs;
  }
  return sum;
}

export function subtree(rows: ReadonlyMap<number, Pick<ProcessRow, "parent">>, top: number): ReadonlySet<number> {
  const found = new Set([top]);
  // A set grows while it is walked: children of children are met in the same loop.
  for (const pid of found) for (const [child, { parent }] of rows) if (parent === pid) found.add(child);
  return found;
}

export interface Foreign {
  /** Cores that processes kept busy which are not ours, the kernel's own work included. */
  readonly cores: number;
  readonly cpuMsByName: ReadonlyMap<string, number>;
}

/** What others did between two moments. Ours is this process and all below it. */
export function foreignLoad(from: Census, to: Census, elapsedMs: number): Foreign {
  const ours = subtree(to.rows, process.pid);
  let oursMs = cpuMsOf(to, process.pid) - cpuMsOf(from, process.pid);
  const cpuMsByName = new Map<string, number>();
  for (const [pid, row] of to.rows) {
    if (ours.has(pid)) continue;
    const spent = row.cpuMs - (from.rows.get(pid)?.cpuMs ?? 0);
    if (spent <= 0) continue;
    const name = toProgramName(row);
    cpuMsByName.set(name, (cpuMsByName.get(name) ?? 0) + spent);
  }
  oursMs = Math.max(oursMs, 0);
  return { cores: Math.max(0, to.machineMs - from.machineMs - oursMs) / elapsedMs, cpuMsByName };
}

/** Of a Node process the script says more than `MainThread` does. */
function toProgramName({ pid, name }: ProcessRow): string {
  if (name !== "MainThread" && name !== "node") return name;
  const script = (readOrNothing(`/proc/${pid}/cmdline`) ?? "").split("\0").find((argument) => /\.[cm]?[jt]s$/.test(argument));
  return script === undefined ? "node" : `node ${script.split("/").slice(-2).join("/")}`;
}

/** The most memory that a process had resident since its start, in MB. Only itself: pages that processes share would count twice. */
export function peakMemoryMb(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kilobytes ?? 0) / 1_024;
}

/** Memory of a process and all below it now, in MB; what n of them share counts 1/n in each. */
export function sharedMemoryMb(pid: number): number {
  let sum = 0;
  for (const below of subtree(takeCensus().rows, pid)) {
    sum += Number(/^Pss:\s+(\d+) kB/m.exec(readOrNothing(`/proc/${below}/smaps_rollup`) ?? "")?.[1] ?? 0);
  }
  return sum / 1_024;
}

/** One line of `/proc/<pid>/stat`; the name stands in brackets and may hold brackets and spaces itself. */
export function parseStat(text: string): ProcessRow {
  const nameEnd = text.lastIndexOf(")");
  const fields = text.slice(nameEnd + 2).split(" ");
  const ticks = (field: number) => Number(fields[field - 3] ?? 0) * TICK_MS; // proc(5) counts the fields from 1, these begin at the third
  return {
    pid: Number.parseInt(text, 10),
    name: text.slice(text.indexOf("(") + 1, nameEnd),
    parent: Number(fields[1] ?? 0),
    cpuMs: ticks(14) + ticks(15),
    endedChildrenMs: ticks(16) + ticks(17),
  };
}

function parseMachine(text: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (text.split("\n", 1)[0] ?? "")
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // it ended meanwhile, or it is not ours to look at
  }
}
