import { awaitFirstRun } from "./cold-start.ts";
import { type Client, drive, type LoadPlan, type LoadSeen } from "./drive.ts";
import { cpuMsOf, foreignLoad, type Part, peakMemoryMb, sharedMemoryMb } from "./processes.ts";
import { percentile } from "./statistics.ts";
import type { StartedSystem, Surroundings, SystemKind } from "./systems/system.ts";

/** By the figure's name; see `figures.ts` for what they are. */
export type Figures = Readonly<Record<string, number>>;

export interface Lengths {
  readonly warmUpRuns: number;
  readonly singleRuns: number;
  readonly singleSlowRuns: number;
  readonly seconds: number;
}

export interface Measured {
  readonly figures: Figures;
  readonly runs: number;
  /** CPU seconds of processes that are not ours, by name. */
  readonly foreign: ReadonlyMap<string, number>;
}

const SLOW_MODEL_MS = 50;
const MOST_IN_FLIGHT = 100;
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** Starts a system over fresh stores, measures all its figures, and checks that its store holds the runs that it accepted. */
export async function measure(kind: SystemKind, surroundings: Surroundings, lengths: Lengths, signal: AbortSignal): Promise<Measured> {
  const figures: Record<string, number> = {};
  const foreign = new Map<string, number>();
  await using system = await kind.start(surroundings);
  figures.cold_start_ms = await awaitFirstRun(system, signal);
  const client: Client = { system, signal, begun: 1, accepted: 1 };
  const load = async (name: string, plan: LoadPlan): Promise<LoadSeen> => {
    const seen = await drive(client, plan);
    const others = foreignLoad(seen.before, seen.after, seen.elapsedMs);
    figures[`foreign_cores_${name}`] = others.cores;
    for (const [other, ms] of others.cpuMsByName) foreign.set(other, (foreign.get(other) ?? 0) + ms / 1_000);
    figures[`runs_per_s_${name}`] = (seen.runs / seen.elapsedMs) * 1_000;
    return seen;
  };
  const { warmUpRuns, singleRuns, singleSlowRuns, seconds } = lengths;
  await drive(client, { inFlight: 10, modelMs: 0, seconds: 30, runs: warmUpRuns });

  const single = await load("1", { inFlight: 1, modelMs: 0, seconds: 6, runs: singleRuns });
  for (const share of [50, 95, 99]) figures[`p${share}_ms`] = percentile(single.latenciesMs, share / 100);
  addCpu(figures, "1", single, system.parts);
  await load("10", { inFlight: 10, modelMs: 0, seconds, runs: UNBOUNDED });
  const full = await load("100", { inFlight: MOST_IN_FLIGHT, modelMs: 0, seconds: seconds * 1.6, runs: UNBOUNDED });
  addCpu(figures, "100", full, system.parts);
  figures.p50_ms_100 = percentile(full.latenciesMs, 0.5);

  await load("slow_1", { inFlight: 1, modelMs: SLOW_MODEL_MS, seconds: 4, runs: singleSlowRuns });
  await load("slow_10", { inFlight: 10, modelMs: SLOW_MODEL_MS, seconds, runs: UNBOUNDED });
  await load("slow_100", { inFlight: MOST_IN_FLIGHT, modelMs: SLOW_MODEL_MS, seconds: seconds * 1.6, runs: UNBOUNDED });
  addMemory(figures, system.parts);
  system.check();
  await system.stop();
  await checkStore(kind, system, client.accepted);
  return { figures, runs: client.accepted, foreign };
}

async function checkStore(kind: SystemKind, system: StartedSystem, accepted: number): Promise<void> {
  const { ended, all } = await system.countRuns();
  if (ended === accepted && all === accepted) return;
  throw new Error(`${kind.title}: ${accepted} runs were accepted, and its store holds ${all}, of which ${ended} ended well`);
}

function addCpu(figures: Record<string, number>, name: string, { before, after, runs }: LoadSeen, parts: readonly Part[]): void {
  let sum = 0;
  for (const part of parts) {
    const ms = (cpuMsOf(after, part.pid) - cpuMsOf(before, part.pid)) / runs;
    figures[`cpu_ms_${name}.${part.name}`] = ms;
    sum += ms;
  }
  figures[`cpu_ms_${name}`] = sum;
  figures[`cpu_ms_${name}.(client)`] = (cpuMsOf(after, process.pid) - cpuMsOf(before, process.pid)) / runs - sum;
}

/** Postgres shares its memory between processes, so that a peak of each means nothing: there it is what it holds at the end. */
function addMemory(figures: Record<string, number>, parts: readonly Part[]): void {
  let sum = 0;
  for (const { name, pid } of parts) {
    const mb = name === "postgres" ? sharedMemoryMb(pid) : peakMemoryMb(pid);
    figures[`memory_mb.${name}`] = mb;
    sum += mb;
  }
  figures.memory_mb = sum;
}
