/**
 * Loaded into every process under soak (`--import`, with `--expose-gc`): every few seconds a line about what it holds, into a file of its own. Environment:
 * `SOAK_FOLDER`, `SOAK_EVERY_MS`.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import type { ProbeLine } from "./samples.ts";

const folder = process.env.SOAK_FOLDER;

if (isMainThread && folder !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const file = join(folder, `${process.pid}.jsonl`);
  const timer = setInterval(
    () => {
      const lagMs = delay.percentile(99) / 1e6;
      globalThis.gc?.(); // twice: what finalizers let go is only then free
      globalThis.gc?.();
      const { heapUsed, external, rss } = process.memoryUsage();
      const line: ProbeLine = { at: Date.now(), heapMb: (heapUsed + external) / 2 ** 20, rssMb: rss / 2 ** 20, lagMs, resources: count() };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
      delay.reset();
    },
    Number(process.env.SOAK_EVERY_MS ?? 5_000),
  );
  timer.unref();
}

/** Sockets, timers and the like that keep the process. */
function count(): number {
  return process.getActiveResourcesInfo().length;
}
