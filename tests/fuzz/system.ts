/** The system that is fuzzed: one server of every role, its own NATS and Postgres, and runs whose records nothing may change. */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { JsonObject } from "@openvibe/core";
import { readSse } from "@openvibe/http";
import { startNats, startPostgres } from "@openvibe/stack";
import { Pool } from "pg";
import { type Client, createClient } from "../support/e2e-client.ts";
import { type Server, startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";
import { expectedTrail } from "../support/load-operator.ts";
import { type Api, readApi } from "./operations.ts";

export interface FuzzedSystem extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly client: Client;
  readonly nats: NatsConnection;
  readonly postgres: Pool;
  readonly api: Api;
  /** Values that are right for a parameter of this name. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** Texts that mean something here. */
  readonly words: readonly string[];
  /** Real ones. */
  readonly cursors: readonly string[];
  /** Real ones of the event stream. */
  readonly eventIds: readonly string[];
  /** Runs that have ended: they may be named, and stay as they are. */
  readonly ended: readonly string[];
  /** Runs that wait, and whose ids no HTTP request names; on NATS they may be named as well. */
  readonly waiting: readonly string[];
  /** The rows of `ended` and `waiting`, as text. */
  records(): Promise<readonly string[]>;
  /** A run from outside to its end, and its stream. @throws where it is not as it must be */
  runNormally(): Promise<void>;
}

export async function openFuzzedSystem(): Promise<FuzzedSystem> {
  await using opening = new AsyncDisposableStack();
  const [broker, database] = await Promise.all([startNats({ own: true }), startPostgres({ own: true })]);
  opening.use(broker);
  opening.use(database);
  const databaseUrl = await database.createDatabase();
  const env = { NATS_URL: broker.url, DATABASE_URL: databaseUrl, OPENVIBE_LLM: "echo" };
  const files = ["tests/support/load-operator.ts", "tests/support/fuzz-operator.ts"];
  const server = opening.use(await startServer({ command: "serve", files, env }));
  const nats = await connect({ servers: broker.url });
  opening.defer(() => nats.close());
  const postgres = new Pool({ connectionString: databaseUrl, max: 2 });
  opening.defer(() => postgres.end());

  const client = createClient(server.url);
  const { ended, waiting, prey } = await startRuns(client);
  const unsent = () => postgres.query("SELECT run_id FROM openvibe.runs WHERE unsent_since IS NOT NULL");
  await until("what the runs told is marked as sent", async () => (await unsent()).rowCount === 0, 60_000); // the last that changes them
  await client.call("PUT", "/v1/context/context-fuzz/known", { n: 1 });
  const page = async (path: string) => (await client.call<{ next_cursor: string }>("GET", path)).body.next_cursor;
  const cursors = [await page("/v1/runs?limit=1"), await page("/v1/operators/fuzz/runs?limit=1")];
  const eventIds = (await client.stream("load", ended[0] ?? "")).flatMap(({ id }) => (id === undefined ? [] : [id]));
  const known = new Map<string, readonly string[]>([
    ["operator_id", ["fuzz", "fuzz", "load"]],
    ["run_id", [...ended, ...prey]],
    ["bucket", ["context-fuzz", "context-new"]],
    ["key", ["known", "new", "a.b"]],
  ]);
  const stack = opening.move();
  return {
    server,
    port: Number(new URL(server.url).port),
    client,
    nats,
    postgres,
    api: await readApi(server.url),
    known,
    words: [...WORDS, ...ended, ...prey],
    cursors,
    eventIds,
    ended,
    waiting,
    records: () => readRecords(postgres, [...ended, ...waiting]),
    runNormally: () => runNormally(client),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const WORDS = [
  "fuzz",
  "load",
  "shape",
  "nap",
  "ask",
  "board",
  "chase",
  "count",
  "text",
  "number",
  "flag",
  "list",
  "anything",
  "ann",
  "bob",
];

async function startRuns(client: Client): Promise<{ ended: string[]; waiting: string[]; prey: string[] }> {
  const start = async (trigger: string, input: JsonObject = {}) => (await client.activate("fuzz", trigger, input)).run_id;
  const ended = [
    (await client.run("load", "count", { number: 1, pause_ms: 0 })).run_id,
    (await client.run("fuzz", "shape", { text: '{"number":1}' })).run_id,
    (await client.run("fuzz", "shape", { text: "no JSON" })).run_id,
  ];
  const waiting = [await start("nap"), await start("ask", { text: "Well?" }), await start("board")];
  const prey = [await start("nap"), ...(await Promise.all(["ask", "ask", "board", "board"].map((trigger) => start(trigger))))];
  for (const run of [...waiting, ...prey])
    await until(`run ${run} waits`, async () => (await client.get("fuzz", run)).status === "waiting", 60_000);
  return { ended, waiting, prey };
}

/** When the scheduler looked at a row says nothing about the run. */
const LOOKED = ["sweep_at", "look_at", "swept_by", "sweeps"];

async function readRecords(postgres: Pool, runIds: readonly string[]): Promise<string[]> {
  const { rows } = await postgres.query<Record<string, unknown>>("SELECT * FROM openvibe.runs WHERE run_id = ANY($1) ORDER BY run_id", [
    runIds,
  ]);
  return rows.map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).filter(([column]) => !LOOKED.includes(column)))));
}

async function runNormally(client: Client): Promise<void> {
  const { run_id: runId } = await client.activate("load", "count", { number: 2, pause_ms: 0 });
  const last = await lastOfStream(client, runId);
  const run = await client.get("load", runId);
  const told = JSON.stringify([run.status, run.output.trail, last]);
  if (told !== JSON.stringify(["completed", expectedTrail(2), "run.completed"])) throw new Error(`a normal run came to ${told}`);
}

/** A stranger's word may have made the relay begin its log anew: then the stream says so, and tells the run again. */
async function lastOfStream(client: Client, runId: string): Promise<string | undefined> {
  let last: string | undefined;
  const url = `${client.url}/v1/operators/load/runs/${runId}/stream`;
  for await (const { event } of readSse(url, { reconnect: false, signal: AbortSignal.timeout(60_000) })) last = event;
  return last;
}
