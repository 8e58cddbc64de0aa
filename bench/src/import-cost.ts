import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "./statistics.ts";

/** What a program pays before its first own line, as installed: built, without flags. zod stands beside it because an author's file loads it anyway. */
export interface ImportCost {
  readonly name: string;
  /** Milliseconds of CPU over those of a bare Node. Judged by these: one thread loads, so on an idle machine they are the wait, on a busy one still what it costs. */
  readonly cpuMs: number;
  /** Milliseconds of the whole process, from spawn to exit, over those of a bare Node. */
  readonly wallMs: number;
  /** Of both times that bare Node takes, as a ratio. */
  readonly cpuRatio: number;
  readonly wallRatio: number;
}

const MOST_OVER_BARE_MS = 60;
const STARTS = 15;
const BENCH = fileURLToPath(new URL("..", import.meta.url));
const PROGRAMS: Readonly<Record<string, string>> = {
  bare: "",
  openvibe: 'await import("openvibe");',
  zod: 'await import("zod");',
  "openvibe and zod": 'await Promise.all([import("openvibe"), import("zod")]);',
};
const TELL_CPU = "const { user, system } = process.cpuUsage(); process.stdout.write(String((user + system) / 1000));";

const run = promisify(execFile);

/** Starts each program in turns, so that what else the machine does meets all of them; medians. */
export async function measureImports(signal: AbortSignal): Promise<readonly ImportCost[]> {
  await run("turbo", ["run", "build", "--filter=openvibe"], { cwd: BENCH, signal }); // the command's own figures are not measured
  const seen = new Map(Object.keys(PROGRAMS).map((name) => [name, { wall: [] as number[], cpu: [] as number[] }]));
  for (let start = -1; start < STARTS; start++) {
    for (const [name, code] of Object.entries(PROGRAMS)) {
      const startedAt = performance.now();
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code + TELL_CPU], { cwd: BENCH, signal });
      if (start < 0) continue; // the first of each meets cold files
      seen.get(name)?.wall.push(performance.now() - startedAt);
      seen.get(name)?.cpu.push(Number(stdout));
    }
  }
  const of = (name: string) => ({ wall: median(seen.get(name)?.wall ?? []), cpu: median(seen.get(name)?.cpu ?? []) });
  const bare = of("bare");
  return [...seen.keys()]
    .filter((name) => name !== "bare")
    .map((name) => {
      const { wall, cpu } = of(name);
      return { name, cpuMs: cpu - bare.cpu, wallMs: wall - bare.wall, cpuRatio: cpu / bare.cpu, wallRatio: wall / bare.wall };
    });
}

export function toImportLines(costs: readonly ImportCost[]): string {
  return costs
    .map(({ name, cpuMs, wallMs, cpuRatio, wallRatio }) => {
      const verdict = name === "openvibe" ? ` (<= ${MOST_OVER_BARE_MS}) ${cpuMs <= MOST_OVER_BARE_MS ? "ok" : "MISSED"}` : "";
      return `import ${name}, over bare Node: CPU ${cpuMs.toFixed(0)} ms${verdict}, ${cpuRatio.toFixed(2)}x; from spawn to exit ${wallMs.toFixed(0)} ms, ${wallRatio.toFixed(2)}x. Median of ${STARTS} starts in turns`;
    })
    .join("\n");
}
