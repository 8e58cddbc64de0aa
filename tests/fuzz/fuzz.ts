/** Throws things at a running system, and looks whether it still does what it promises. */
import { configSurface } from "./config-surface.ts";
import { httpSurface, socketSurface } from "./http-surface.ts";
import { createMaker } from "./maker.ts";
import { manifestSurface } from "./manifest-surface.ts";
import { messageSurface, requestSurface } from "./nats-surface.ts";
import { stateSurface } from "./state-surface.ts";
import type { Surface } from "./surface.ts";
import { type FuzzedSystem, openFuzzedSystem } from "./system.ts";
import { yamlSurface } from "./yaml-surface.ts";

export interface FuzzOptions {
  /** The same seed throws the same things, the ids of runs aside. */
  readonly seed: number;
  /** Attempts at most. */
  readonly count: number;
  /** Ends earlier when this time is over; starting and stopping the system comes on top. */
  readonly seconds: number;
}

export interface FuzzFault {
  readonly attempt: number;
  readonly surface: string;
  readonly sent: string;
  readonly fault: string;
}

export interface FuzzReport {
  readonly seed: number;
  /** Attempts by surface. */
  readonly attempts: Readonly<Record<string, number>>;
  readonly faults: readonly FuzzFault[];
}

const SURFACES: readonly Surface[] = [
  httpSurface,
  socketSurface,
  messageSurface,
  requestSurface,
  configSurface,
  yamlSurface,
  manifestSurface,
  stateSurface,
];
const AT_A_TIME = 4;
const LOOK_EVERY = 400;
/** More of the same kind tell nothing new. */
const MOST_FAULTS = 50;

export async function fuzz({ seed, count, seconds }: FuzzOptions): Promise<FuzzReport> {
  await using system = await openFuzzedSystem();
  const before = await system.records();
  const until = Date.now() + seconds * 1_000;
  const attempts: Record<string, number> = Object.fromEntries(SURFACES.map(({ name }) => [name, 0]));
  const faults: FuzzFault[] = [];
  const blame = (attempt: number, surface: string, sent: string) => (error: unknown) =>
    void faults.push({ attempt, surface, sent, fault: error instanceof Error ? error.message : String(error) });

  let next = 0;
  const throwThings = async () => {
    while (next < count && Date.now() < until && faults.length < MOST_FAULTS && !system.server.exited()) {
      const attempt = next++;
      const make = createMaker(seed * 1_000_003 + attempt, system.words);
      const surface = surfaceAt(make.next());
      attempts[surface.name] = (attempts[surface.name] ?? 0) + 1;
      const { sent, fault } = await surface
        .attempt(make, system)
        .catch((error: unknown) => ({ sent: "", fault: `the attempt itself: ${error}` }));
      if (fault !== undefined) faults.push({ attempt, surface: surface.name, sent, fault });
      if (attempt % LOOK_EVERY === LOOK_EVERY - 1) await system.runNormally().catch(blame(attempt, "a normal run", "everything before"));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, throwThings));
  await lookAfterwards(system, before).catch(blame(next, "afterwards", "everything before"));
  return { seed, attempts, faults };
}

async function lookAfterwards(system: FuzzedSystem, before: readonly string[]): Promise<void> {
  if (system.server.exited()) throw new Error(`the server ended with ${system.server.exitCode()}: ${system.server.output().slice(-3_000)}`);
  await system.runNormally();
  const after = await system.records();
  const changed = before.findIndex((record, index) => record !== after[index]);
  if (changed !== -1 || after.length !== before.length) throw new Error(`a run was changed: ${before[changed]} became ${after[changed]}`);
}

function surfaceAt(share: number): Surface {
  let left = share * SURFACES.reduce((sum, { weight }) => sum + weight, 0);
  for (const surface of SURFACES) {
    left -= surface.weight;
    if (left < 0) return surface;
  }
  return httpSurface;
}
