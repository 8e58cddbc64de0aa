import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type NatsServer, type PostgresServer, type RedisServer, startNats, startPostgres, startRedis } from "@openvibe/stack";
import { expectedTrail } from "./load-operator.ts";
import type { NodeRecord } from "./node-record.ts";
import { type ServiceProcess, startProcess } from "./process.ts";

export type Kind = "worker" | "gateway" | "event-relay" | "scheduler";

const FILES: Readonly<Record<Kind, string>> = {
  worker: "services/worker/src/main.ts",
  gateway: "services/gateway/src/main.ts",
  "event-relay": "services/event-relay/src/main.ts",
  scheduler: "services/scheduler/src/main.ts",
};
const READY: Readonly<Record<Kind, RegExp>> = {
  worker: /worker takes work/,
  gateway: /gateway listens/,
  "event-relay": /event-relay listens/,
  scheduler: /scheduler sweeps/,
};

export interface MeshOptions {
  readonly form?: "segments" | "nodes";
  readonly env?: Readonly<Record<string, string>>;
}

/** A whole system of separate processes on loopback, over a real broker and a real database of its own. */
export interface Mesh extends AsyncDisposable {
  readonly broker: NatsServer | RedisServer;
  readonly postgres: PostgresServer;
  readonly databaseUrl: string;
  /** Starts one more process; a struck one is replaced by starting it again. */
  start(kind: Kind, options?: { readonly port?: number; readonly env?: Readonly<Record<string, string>> }): Promise<ServiceProcess>;
  /** The processes of a kind that live. */
  living(kind: Kind): readonly ServiceProcess[];
  all(): readonly ServiceProcess[];
  records(): Promise<readonly NodeRecord[]>;
  readonly trailOf: (number: number) => readonly string[];
}

export interface NatsMesh extends Mesh {
  readonly nats: NatsServer;
}

export async function startMesh(options: MeshOptions = {}): Promise<NatsMesh> {
  const nats = await startNats({ own: true });
  return { ...(await startOver(nats, { ...options, env: { NATS_URL: nats.url, ...options.env } })), nats };
}

export async function startRedisMesh(options: MeshOptions = {}): Promise<Mesh> {
  const redis = await startRedis({ own: true });
  return startOver(redis, { ...options, env: { REDIS_URL: redis.url, ...options.env } });
}

async function startOver(broker: Mesh["broker"], { form = "segments", env = {} }: MeshOptions): Promise<Mesh> {
  await using starting = new AsyncDisposableStack();
  starting.use(broker);
  const folder = await mkdtemp(join(tmpdir(), "openvibe-mesh-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = starting.use(await startPostgres({ own: true }));
  const databaseUrl = await postgres.createDatabase();
  const recordFile = join(folder, "records.jsonl");
  const processes: ServiceProcess[] = [];
  starting.defer(async () => void (await Promise.all(processes.map((process) => process.kill()))));
  const common = {
    DATABASE_URL: databaseUrl,
    OPENVIBE_GRAPH_FORM: form,
    OPENVIBE_OPERATOR_FILES: "tests/support/load-operator.ts",
    OPENVIBE_TEST_RECORD_FILE: recordFile,
    OPENVIBE_LLM: "echo",
    ...env,
  };
  const kinds = new Map<ServiceProcess, Kind>();
  const stack = starting.move();
  return {
    broker,
    postgres,
    databaseUrl,
    async start(kind, options = {}) {
      const started = await startProcess({
        name: kind,
        file: FILES[kind],
        readyWhen: READY[kind],
        env: { ...common, OPENVIBE_PORT: String(options.port ?? 0), ...options.env },
      });
      processes.push(started);
      kinds.set(started, kind);
      return started;
    },
    living: (kind) => processes.filter((process) => kinds.get(process) === kind && !process.exited()),
    all: () => processes,
    async records() {
      const text = await readFile(recordFile, "utf8").catch(() => "");
      return text
        .split("\n")
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line) as NodeRecord);
    },
    trailOf: expectedTrail,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
