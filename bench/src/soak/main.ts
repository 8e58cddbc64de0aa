import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { dropDatabase, startPostgres } from "@openvibe/stack";
import { renderTable } from "../table.ts";
import { type LoadCount, load } from "./load.ts";
import { parseSoakOptions, type SoakOptions } from "./options.ts";
import { BOUNDS, type Figure, isWithin, openFiles, readProbes, type Series, trendOf } from "./samples.ts";
import { judgeStreamSoak } from "./stream-verdict.ts";
import { soakStreams } from "./streams.ts";
import { type SoakSurroundings, type SoakSystem, startEmbedded, startMesh } from "./systems.ts";

const SAMPLE_EVERY_MS = 3_000;
const READY_WITHIN_MS = 60_000;
const MAX_WRONG_SHARE = 0.01;

const say = (line: string) => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`))); // a second one ends it at once

try {
  if (process.platform !== "linux") throw new Error("the soak reads what processes have open from /proc, which only Linux has");
  const options = parseSoakOptions(process.argv.slice(2));
  if (options.streams) await soakOneRelay(options);
  else await soakForms(options);
} catch (error) {
  process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function soakOneRelay({ minutes, perSecond }: SoakOptions): Promise<void> {
  const settleMs = 20_000; // what connecting left behind is gone by then
  const measureMs = (minutes * 60_000 - settleMs) / 2;
  const result = await soakStreams({
    ...{
      idle: 2_000,
      busy: 200,
      perSecond,
      fill: 12_000,
      fillBytes: 1_000,
      settleMs,
      measureMs,
      probeEveryMs: SAMPLE_EVERY_MS / 3,
      seeDropped: true,
    },
    signal: stop.signal,
    say,
  });
  const { rows, faults } = judgeStreamSoak(result);
  say(`\n${renderTable(rows)}\n`);
  say(`${result.published} events, heard ${result.published * 200} times; ${result.drops} client dropped`);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  say("Memory is flat, and nobody waits for the one that reads nothing.");
}

async function soakForms({ minutes, perSecond, only }: SoakOptions): Promise<void> {
  // Rings and caches fill first; what is full by then does not count as growth.
  const warmUpMs = Math.min(minutes * 60_000 * 0.5, Math.max(90_000, minutes * 20_000));
  await using stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres({ own: true, notify: say }));
  const databaseUrl = await postgres.createDatabase();
  stack.defer(() => dropDatabase(postgres.url, databaseUrl));
  const folder = await mkdtemp(join(tmpdir(), "openvibe-soak-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const probe = new URL("./probe.ts", import.meta.url).href;
  const surroundings: SoakSurroundings = {
    databaseUrl,
    folder,
    nodeArgs: ["--expose-gc", "--import", probe],
    env: { SOAK_FOLDER: folder, SOAK_EVERY_MS: String(SAMPLE_EVERY_MS) },
  };
  const systems: SoakSystem[] = [];
  if (only.includes("embedded")) systems.push(stack.use(await startEmbedded(surroundings)));
  if (only.includes("mesh")) systems.push(stack.use(await startMesh(surroundings)));
  await Promise.all(systems.map(waitUntilReady));
  say(
    `${minutes} minutes at ${perSecond} requests/s each on ${systems.map(({ name }) => name).join(" and ")}; the first ${warmUpMs / 1_000} s warm up`,
  );

  const over = AbortSignal.any([AbortSignal.timeout(minutes * 60_000), stop.signal]);
  const startedAt = Date.now();
  const measuredFrom = startedAt + warmUpMs;
  // Not to the last moment of it: what the burst left behind is to be gone by then.
  const loads = systems.map(({ url }) => load({ url, perSecond, warmUntil: startedAt + warmUpMs * 0.7, signal: over }));
  const outside = await sampleOutside(systems, over);
  const endedAt = Date.now();
  const counts = await Promise.all(loads);
  for (const system of systems) system.check();
  stop.signal.throwIfAborted();

  const inside = readProbes(
    folder,
    systems.flatMap(({ parts }) => parts),
    measuredFrom,
  ).map((series) => upTo(series, endedAt));
  const later = outside.map((series) => ({ ...series, points: series.points.filter(({ at }) => at >= measuredFrom) }));
  const verdicts = report([...inside, ...later]);
  for (const [index, count] of counts.entries()) verdicts.push(...judgeLoad(systems[index]?.name ?? "", count));
  if (verdicts.length > 0) throw new Error(verdicts.join("\n"));
  say("Nothing grows beyond its bound.");
}

function upTo(series: Series, endedAt: number): Series {
  return { ...series, points: series.points.filter(({ at }) => at <= endedAt) };
}

async function waitUntilReady({ url, check }: SoakSystem): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    check();
    const answer = await fetch(`${url}/v1/operators/soak`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    if (Date.now() > deadline) throw new Error(`${url} does not serve the operator after ${READY_WITHIN_MS} ms`);
    await sleep(100);
  }
}

/** What can only be seen from outside: open files of the processes, rows of the stores. */
async function sampleOutside(systems: readonly SoakSystem[], over: AbortSignal): Promise<Series[]> {
  const series = new Map<string, { at: number; fds?: number; rows?: number }[]>();
  const add = (name: string, point: { fds?: number; rows?: number }) => {
    series.set(name, [...(series.get(name) ?? []), { at: Date.now(), ...point }]);
  };
  while (!over.aborted) {
    for (const { name, parts, countRuns } of systems) {
      for (const part of parts) {
        const fds = openFiles(part.pid);
        if (fds !== undefined) add(part.name, { fds });
      }
      const rows = await countRuns();
      if (Number.isFinite(rows)) add(`${name}: runs in the store`, { rows });
    }
    await sleep(SAMPLE_EVERY_MS, undefined, { signal: over }).catch(() => {});
  }
  return [...series].map(([name, points]) => ({ name, points }));
}

/** Prints the table; gives what grew beyond its bound. */
function report(all: readonly Series[]): string[] {
  const verdicts: string[] = [];
  const figures: readonly Figure[] = ["heapMb", "rssMb", "fds", "resources", "rows", "lagMs"];
  const lines = all.flatMap((series) =>
    figures.flatMap((figure) => {
      const trend = trendOf(series, figure);
      if (trend === undefined) return [];
      const bound = BOUNDS.find((candidate) => candidate.figure === figure);
      const fine = bound === undefined || isWithin(trend, bound);
      if (!fine) verdicts.push(`${series.name}: ${figure} grew by ${trend.growth.toFixed(1)} from ${trend.begin.toFixed(1)} after warm-up`);
      const allowed = bound === undefined ? "" : Math.max(trend.begin * bound.share, bound.size).toFixed(1);
      return [
        [`${series.name}: ${figure}`, ...[trend.begin, trend.end, trend.growth].map((n) => n.toFixed(1)), allowed, fine ? "" : "GROWS"],
      ];
    }),
  );
  say(`\n${renderTable([["after warm-up", "first third", "last third", "trend", "allowed", ""], ...lines])}\n`);
  return verdicts;
}

function judgeLoad(name: string, { runs, wrong, firstWrong }: LoadCount): string[] {
  say(`${name}: ${runs} requests, ${wrong} answered otherwise than asked${firstWrong === undefined ? "" : ` (first: ${firstWrong})`}`);
  return wrong > runs * MAX_WRONG_SHARE ? [`${name}: ${wrong} of ${runs} requests went wrong: ${firstWrong}`] : [];
}
