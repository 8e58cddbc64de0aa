import { join } from "node:path";
import { freePort, startNats } from "@openvibe/stack";
import type { Part } from "../processes.ts";
import { type Program, startProgram } from "../systems/program.ts";
import { query } from "../systems/query.ts";

export interface SoakSystem extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** The Node processes. */
  readonly parts: readonly Part[];
  /** Runs in its store now. */
  countRuns(): Promise<number>;
  check(): void;
}

export interface SoakSurroundings {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Ended runs go after half a minute, so that a soak sees them purged. */
const KEEP = { OPENVIBE_KEEP_RUNS: "30s" };

export async function startEmbedded({ folder, nodeArgs, env }: SoakSurroundings): Promise<SoakSystem> {
  const port = await freePort();
  const path = join(folder, "soak.db");
  const own = { ...env, ...KEEP, PORT: String(port), BENCH_STORE: path };
  const program = await startProgram({ file: "bench/src/soak/programs/embedded.ts", nodeArgs, env: own });
  return {
    ...of("embedded", port, { embedded: program }),
    // Its process holds the file alone: what can be counted from outside is what the server lists.
    countRuns: async () => Number.NaN,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

export async function startMesh({ databaseUrl, nodeArgs, env }: SoakSurroundings): Promise<SoakSystem> {
  await using starting = new AsyncDisposableStack();
  const nats = starting.use(await startNats({ own: true }));
  const [port, relayPort] = [await freePort(), await freePort()];
  const shared = { ...env, ...KEEP, NATS_URL: nats.url, DATABASE_URL: databaseUrl, OPENVIBE_LOG_LEVEL: "warn" };
  const start = async (file: string, more: Readonly<Record<string, string>> = {}) =>
    starting.use(await startProgram({ file, nodeArgs, env: { ...shared, ...more } }));
  const [gateway, relay, worker, scheduler] = await Promise.all([
    start("services/gateway/src/main.ts", { OPENVIBE_PORT: String(port), OPENVIBE_RELAY_URL: `http://127.0.0.1:${relayPort}` }),
    start("services/event-relay/src/main.ts", { OPENVIBE_PORT: String(relayPort) }),
    start("bench/src/soak/programs/worker.ts"),
    start("services/scheduler/src/main.ts"),
  ]);
  const stack = starting.move();
  return {
    ...of("mesh", port, { gateway, "event-relay": relay, worker, scheduler }),
    countRuns: async () =>
      Number((await query(databaseUrl, "SELECT count(*) AS runs FROM openvibe.runs WHERE purged_at IS NULL"))[0]?.runs),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function of(name: string, port: number, programs: Readonly<Record<string, Program>>) {
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    parts: Object.entries(programs).map(([part, { pid }]) => ({ name: part === name ? name : `${name}: ${part}`, pid })),
    check() {
      for (const program of Object.values(programs)) program.check();
    },
  };
}
