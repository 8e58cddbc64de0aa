import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { dropDatabase, type PostgresServer, startPostgres } from "@openvibe/stack";
import { type CommandStart, measureCommandStart, toCommandLine } from "./command-start.ts";
import { grow, toGrowthTable } from "./growth/grow.ts";
import { measureImports, toImportLines } from "./import-cost.ts";
import { measure } from "./measure.ts";
import { type Options, parseOptions } from "./options.ts";
import { profileSystem } from "./profile/profile-system.ts";
import { toTable } from "./report.ts";
import { embedded } from "./systems/embedded.ts";
import { mesh } from "./systems/mesh.ts";
import { floor, handwritten } from "./systems/one-process.ts";
import { query } from "./systems/query.ts";
import type { Surroundings, SystemKind } from "./systems/system.ts";
import { judge, type Round } from "./targets.ts";

const SYSTEMS: readonly SystemKind[] = [handwritten, floor, embedded, mesh];
const RESULTS = new URL("../results/", import.meta.url);

const TURNS_A_ROUND = 12;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

try {
  const options = parseOptions(process.argv.slice(2));
  if (process.platform !== "linux") throw new Error("the benchmark reads what processes cost from /proc, which only Linux has");
  if (options.imports) await measureStarts();
  else await runSystems(options);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function runSystems(options: Options): Promise<void> {
  await using postgres = await startPostgres({ own: true, notify: say });
  const systems = SYSTEMS.filter(({ name }) => options.only.includes(name));
  if (options.profile)
    for (const kind of systems) await inFreshSurroundings(postgres, (fresh) => profileSystem(kind, fresh, stop.signal, say));
  else if (systems.length > 0) await compare(systems, options, postgres);
  if (options.growth && !options.profile) await inFreshSurroundings(postgres, (fresh) => measureGrowth(fresh, options));
}

async function compare(systems: readonly SystemKind[], options: Options, postgres: PostgresServer): Promise<void> {
  const startedAt = performance.now();
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, Postgres ${postgres.version}`;
  say(`W4: 4 steps (2 model, 2 logic), 1 KB state, every step durable, over HTTP. ${machine}`);
  const rounds: Round[] = [];
  const foreign = new Map<string, number>();
  for (let index = 0; index < options.rounds; index++) {
    const round: { -readonly [K in keyof Round]: Round[K] } = {};
    // Each round begins with another system, so that none always comes first.
    for (const kind of [...systems.slice(index % systems.length), ...systems.slice(0, index % systems.length)]) {
      const measured = await inFreshSurroundings(postgres, (fresh) => measure(kind, fresh, options.lengths, stop.signal));
      round[kind.name] = measured.figures;
      for (const [name, seconds] of measured.foreign) foreign.set(name, (foreign.get(name) ?? 0) + seconds);
      const { p50_ms = 0, runs_per_s_100 = 0, foreign_cores_100 = 0 } = measured.figures;
      say(
        `round ${index + 1}, ${kind.title}: ${measured.runs} runs, all in its store, all outputs right; p50 ${p50_ms.toFixed(2)} ms, ${runs_per_s_100.toFixed(0)} runs/s at 100 in flight, foreign load ${foreign_cores_100.toFixed(2)} cores`,
      );
    }
    rounds.push(round);
  }
  say(`\n${toTable({ systems, rounds })}\n`);
  const starts = await measureStarts();
  say(
    "A ratio is the median of the rounds' ratios. Stores: Postgres with fsync on; SQLite WAL, synchronous NORMAL; NATS with its default sync.",
  );
  say(
    "Hand-written: Fastify, LangGraph, the official PostgresSaver, pool 10, durability sync. Floor: six prepared statements a run, pool 10, not grouped.",
  );
  say(`Foreign load by process, CPU s: ${toNames(foreign)}`);
  say(`It took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s.`);
  await mkdir(RESULTS, { recursive: true });
  const verdicts = judge(rounds).map(({ figure, system, value, reached, atMost, atLeast }) => ({
    figure,
    system,
    value,
    reached,
    atMost,
    atLeast,
  }));
  const result = { at: new Date().toISOString(), machine, rounds, verdicts, ...starts, foreign_cpu_s: Object.fromEntries(foreign) };
  await writeFile(new URL("latest.json", RESULTS), `${JSON.stringify(result, undefined, 2)}\n`);
}

async function measureGrowth(fresh: Surroundings, { rounds }: Options): Promise<void> {
  say("What a store is asked for, one call at a time, with few and with many runs that ended; 100 are in flight in both.");
  const results = await grow(fresh, rounds * TURNS_A_ROUND, stop.signal);
  say(`\n${toGrowthTable(results)}\n`);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL("growth.json", RESULTS), `${JSON.stringify({ at: new Date().toISOString(), results }, undefined, 2)}\n`);
}

/** An empty database and an empty folder, gone afterwards, so that no system pays for what another one left behind. */
async function inFreshSurroundings<T>(postgres: PostgresServer, use: (fresh: Surroundings) => Promise<T>): Promise<T> {
  stop.signal.throwIfAborted();
  if (postgres.pid === undefined) throw new Error("Postgres runs in a container: its cost cannot be read; put its programs on PATH");
  const databaseUrl = await postgres.createDatabase();
  const folder = await mkdtemp(join(tmpdir(), "openvibe-bench-"));
  try {
    await query(postgres.url, "CHECKPOINT");
    return await use({ databaseUrl, folder, postgres: { name: "postgres", pid: postgres.pid }, nodeArgs: [] });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await dropDatabase(postgres.url, databaseUrl);
  }
}

function toNames(foreign: ReadonlyMap<string, number>): string {
  const most = [...foreign].toSorted(([, a], [, b]) => b - a).slice(0, 8);
  return most.map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`).join(", ") || "none";
}

/** What comes before any work: the import, and the command. */
async function measureStarts(): Promise<{ imports: Awaited<ReturnType<typeof measureImports>>; command_start: CommandStart }> {
  const imports = await measureImports(stop.signal);
  say(toImportLines(imports));
  const commandStart = await measureCommandStart(stop.signal);
  say(`${toCommandLine(commandStart)}\n`);
  return { imports, command_start: commandStart };
}
