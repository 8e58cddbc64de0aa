import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { awaitFirstRun } from "../cold-start.ts";
import { type Client, drive } from "../drive.ts";
import { cpuMsOf, takeCensus } from "../processes.ts";
import type { Surroundings, SystemKind } from "../systems/system.ts";
import { renderTable } from "../table.ts";
import { type CpuProfile, summarize } from "./summarize.ts";

const SECONDS = 10;
const IDLE_MS = 3_000;
const FUNCTIONS = 45;
const PACKAGES = 20;

/** Runs a system at 100 in flight under V8's profiler and tells, by process, whose code the CPU was in. */
export async function profileSystem(
  kind: SystemKind,
  fresh: Surroundings,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const nodeArgs = ["--cpu-prof", `--cpu-prof-dir=${fresh.folder}`, "--cpu-prof-interval=500"];
  await using system = await kind.start({ ...fresh, nodeArgs });
  await awaitFirstRun(system, signal);
  const client: Client = { system, signal, begun: 1, accepted: 1 };
  await drive(client, { inFlight: 100, modelMs: 0, seconds: 3, runs: Number.MAX_SAFE_INTEGER });
  const from = microseconds();
  const { runs, elapsedMs, before, after } = await drive(client, {
    inFlight: 100,
    modelMs: 0,
    seconds: SECONDS,
    runs: Number.MAX_SAFE_INTEGER,
  });
  const to = microseconds();
  const idleFrom = takeCensus();
  await delay(IDLE_MS);
  const idleTo = takeCensus();
  await system.stop();
  say(`\n${kind.title} at 100 in flight: ${((runs / elapsedMs) * 1_000).toFixed(0)} runs/s, with the profiler on`);
  for (const { name, pid } of system.parts) {
    const cpuMs = cpuMsOf(after, pid) - cpuMsOf(before, pid);
    const idleMs = cpuMsOf(idleTo, pid) - cpuMsOf(idleFrom, pid);
    say(
      `\n${name}: ${(cpuMs / runs).toFixed(3)} ms CPU per run, ${(cpuMs / elapsedMs).toFixed(2)} cores; idle ${(idleMs / IDLE_MS).toFixed(3)} cores`,
    );
    const profile = await readProfile(fresh.folder, pid);
    if (profile === undefined) continue;
    const { packages, ours, functions, inclusive } = summarize(profile, { from, to });
    const cells = ([title, share]: readonly [string, number]) => [title, `${(share * 100).toFixed(1)} %`];
    const tell = (title: string, shares: readonly (readonly [string, number])[], most: number) =>
      say(`\n${renderTable([[title, "of busy"], ...shares.slice(0, most).map(cells)])}`);
    tell("by package", packages, PACKAGES);
    tell("by package of ours that called", ours, PACKAGES);
    tell("by function", functions, FUNCTIONS);
    tell("by function, with all it calls", inclusive, FUNCTIONS);
  }
}

/** The clock of V8's profiles. */
const microseconds = () => Number(process.hrtime.bigint() / 1_000n);

/** Of the main thread: `CPU.<date>.<time>.<pid>.<thread>.<n>.cpuprofile`. */
async function readProfile(folder: string, pid: number): Promise<CpuProfile | undefined> {
  const file = (await readdir(folder)).find((name) => new RegExp(`^CPU\\.\\d+\\.\\d+\\.${pid}\\.0\\.`).test(name));
  return file === undefined ? undefined : (JSON.parse(await readFile(join(folder, file), "utf8")) as CpuProfile);
}
