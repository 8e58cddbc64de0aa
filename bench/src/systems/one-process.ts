import { freePort } from "@openvibe/stack";
import { startProgram } from "./program.ts";
import { countIn } from "./query.ts";
import { PLAIN, type StartedSystem, type Surroundings, type SystemKind } from "./system.ts";

/** A system of one Node process over Postgres. */
async function startOne(
  { name, file, countSql }: { readonly name: string; readonly file: string; readonly countSql: string },
  { databaseUrl, postgres, nodeArgs }: Surroundings,
): Promise<StartedSystem> {
  const port = await freePort();
  const spawnedAt = performance.now();
  const program = await startProgram({ file, nodeArgs, env: { DATABASE_URL: databaseUrl, PORT: String(port) } });
  return {
    ...PLAIN,
    port,
    spawnedAt,
    parts: [{ name, pid: program.pid }, postgres],
    check: program.check,
    stop: program.stop,
    countRuns: () => countIn(databaseUrl, countSql),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Its run is a thread; the fourth step's checkpoint is the last one. */
const THREADS = `SELECT count(DISTINCT thread_id) AS all_runs, count(DISTINCT thread_id) FILTER (WHERE metadata ->> 'step' = '4') AS ended FROM checkpoints`;

export const handwritten: SystemKind = {
  name: "handwritten",
  title: "hand-written",
  start: (surroundings) => startOne({ name: "program", file: "bench/handwritten/src/main.ts", countSql: THREADS }, surroundings),
};

const ROWS = `SELECT count(*) AS all_runs, count(*) FILTER (WHERE status = 'completed' AND step = 4) AS ended FROM runs`;

export const floor: SystemKind = {
  name: "floor",
  title: "floor",
  start: (surroundings) => startOne({ name: "program", file: "bench/src/programs/floor.ts", countSql: ROWS }, surroundings),
};
