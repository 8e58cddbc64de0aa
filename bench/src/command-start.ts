import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "./statistics.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const AT_MOST = 2;
const STARTS = 15;

const run = promisify(execFile);

/** Medians in milliseconds, from spawn to exit; the command as it is published, not its source. */
export interface CommandStart {
  readonly node_ms: number;
  readonly version_ms: number;
  readonly help_ms: number;
  /** `--version` to Node itself, pair by pair. */
  readonly ratio: number;
}

/** What the `openvibe` command adds to Node before it does anything. */
export async function measureCommandStart(signal: AbortSignal): Promise<CommandStart> {
  // With all that it loads: `--help` needs its dependencies built as well.
  await run(join(ROOT, "node_modules/.bin/turbo"), ["run", "build", "--filter=openvibe"], { cwd: ROOT, signal });
  return await compareStarts(join(ROOT, "services", "openvibe", "dist", "cli", "main.js"), signal);
}

/** Takes turns, so that the machine's moods fall on all alike. */
export async function compareStarts(main: string, signal: AbortSignal, times = STARTS): Promise<CommandStart> {
  const node: number[] = [];
  const version: number[] = [];
  const help: number[] = [];
  for (let at = 0; at < times; at++) {
    node.push(await timeOf(["-e", "0"], signal));
    version.push(await timeOf([main, "--version"], signal));
    help.push(await timeOf([main, "--help"], signal));
  }
  const ratio = median(version.map((ms, at) => ms / (node[at] ?? Number.NaN)));
  return { node_ms: median(node), version_ms: median(version), help_ms: median(help), ratio };
}

export function toCommandLine({ node_ms, version_ms, help_ms, ratio }: CommandStart): string {
  const verdict = ratio <= AT_MOST ? "ok" : "MISSED";
  return `The command's cold start: node ${node_ms.toFixed(1)} ms, openvibe --version ${version_ms.toFixed(1)} ms, ${ratio.toFixed(2)}x (<= ${AT_MOST}) ${verdict}; openvibe --help ${help_ms.toFixed(1)} ms.`;
}

async function timeOf(args: readonly string[], signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  await run(process.execPath, args, { signal });
  return performance.now() - startedAt;
}
