/** Every metric, seen from outside: a real server is scraped before and after the thing that the metric counts. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { readSse } from "@openvibe/http";
import { startNats, startPostgres } from "@openvibe/stack";
import { METRICS } from "@openvibe/telemetry";
import { anthropicError, startAnthropicLoopback } from "@openvibe/testing";
import { Client as PostgresClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Client, createClient } from "../support/e2e-client.ts";
import { startServer } from "../support/e2e-command.ts";
import { until } from "../support/e2e-until.ts";
import metered from "../support/metered-operator.ts";
import { type Scrape, scrape } from "../support/prometheus.ts";

const OPERATOR = metered.manifest.id;
const HAIKU = { provider: "anthropic", model: "claude-haiku-5-5" };

interface World {
  readonly client: Client;
  readonly scrape: () => Promise<Scrape>;
  readonly sql: (text: string, ...values: readonly unknown[]) => Promise<{ readonly rowCount: number | null }>;
  /** Puts a wake-up on the queue, as a redelivery or a stranger would. */
  readonly wakeUp: (runId: string, wake: number) => Promise<unknown>;
  /** A run that holds the operator's only slot; disposing lets it end. */
  readonly hold: () => Promise<AsyncDisposable & { readonly runId: string }>;
}

const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());
let world: World;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-metrics-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const vendor = await startAnthropicLoopback({
    reply: ({ user }) =>
      user === "fail"
        ? anthropicError("authentication_error", "no such key")
        : {
            text: "an answer",
            usage: { input_tokens: 10, cache_creation_input_tokens: 4, cache_read_input_tokens: 6, output_tokens: 5 },
          },
  });
  cleanup.use(vendor);
  const [nats, postgres] = await Promise.all([startNats({ own: true }), startPostgres({ own: true })]);
  for (const server of [nats, postgres]) cleanup.use(server);
  const databaseUrl = await postgres.createDatabase();
  const server = await startServer({
    command: "serve",
    files: ["tests/support/metered-operator.ts"],
    env: {
      NATS_URL: nats.url,
      DATABASE_URL: databaseUrl,
      OPENVIBE_SLOTS: "1",
      OPENVIBE_LLM: "anthropic",
      ANTHROPIC_API_KEY: "none-needed",
      OPENVIBE_LLM_BASE_URL: vendor.url,
    },
  });
  cleanup.use(server);
  const nc = await connect({ servers: nats.url });
  cleanup.defer(() => nc.close());
  const database = new PostgresClient({ connectionString: databaseUrl });
  await database.connect();
  cleanup.defer(() => database.end());
  const client = createClient(server.url);
  let gates = 0;
  world = {
    client,
    scrape: () => scrape(server.url),
    sql: (text, ...values) => database.query(text, [...values]),
    wakeUp: (runId, wake) => jetstream(nc).publish(`operators.${OPERATOR}.activations.main.resume.${runId}.${wake}`),
    async hold() {
      const gate = join(folder, `gate-${gates++}`);
      const { run_id } = await client.activate(OPERATOR, "hold", { gate });
      await until("the run holds the slot", async () => (await client.get(OPERATOR, run_id)).status === "running");
      return {
        runId: run_id,
        [Symbol.asyncDispose]: async () => {
          await writeFile(gate, "");
          await until("the run ends", async () => (await client.get(OPERATOR, run_id)).completed_at !== null);
        },
      };
    },
  };
});

interface Row {
  readonly metric: keyof typeof METRICS;
  /** What the sample is called, where that is not the metric's name. */
  readonly sample?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly when: string;
  /** Gives how to end what lasts. */
  readonly happen: (world: World) => Promise<unknown>;
  /** By how much it moves, where that is exact. */
  readonly by?: number;
}

const run =
  (workflow: string, input = {}) =>
  (w: World) =>
    w.client.run(OPERATOR, workflow, input);

/** A second run, queued behind one that holds the only slot. */
async function queued({ client, hold }: World) {
  const holder = await hold();
  const { run_id } = await client.activate(OPERATOR, "think", {});
  return { runId: run_id, holder };
}

const ROWS: readonly Row[] = [
  {
    metric: "openvibe_runs_total",
    labels: { operator: OPERATOR, workflow: "think", status: "completed" },
    when: "a run completes",
    happen: run("think"),
    by: 1,
  },
  {
    metric: "openvibe_runs_total",
    labels: { workflow: "fail", status: "failed" },
    when: "a run fails",
    happen: run("fail"),
    by: 1,
  },
  {
    metric: "openvibe_runs_total",
    labels: { workflow: "hold", status: "cancelled" },
    when: "a running run is cancelled",
    happen: async (w) => {
      const { runId } = await w.hold();
      await w.client.call("DELETE", `/v1/operators/${OPERATOR}/runs/${runId}`);
    },
    by: 1,
  },
  {
    metric: "openvibe_runs_total",
    labels: { workflow: "think", status: "cancelled" },
    when: "a queued run is cancelled, which no worker ever held",
    happen: async (w) => {
      const { runId, holder } = await queued(w);
      await w.client.call("DELETE", `/v1/operators/${OPERATOR}/runs/${runId}`);
      await holder[Symbol.asyncDispose]();
    },
    by: 1,
  },
  {
    metric: "openvibe_runs_total",
    labels: { workflow: "think", status: "cancelled" },
    when: "the sweep cancels a run whose owner is gone",
    happen: async (w) => {
      const { runId, holder } = await queued(w);
      const orphan =
        "UPDATE openvibe.runs SET status = 'running', owner = NULL, cancel_requested = 1, attempt = 1, look_at = 0 WHERE run_id = $1";
      await w.sql(orphan, runId);
      return holder;
    },
    by: 1,
  },
  {
    metric: "openvibe_dead_letters_total",
    labels: { reason: "run_abandoned" },
    when: "a run is given up after five silent workers",
    happen: async (w) => {
      const { runId, holder } = await queued(w);
      await w.sql("UPDATE openvibe.runs SET silent_claims = 5 WHERE run_id = $1", runId);
      await holder[Symbol.asyncDispose]();
    },
    by: 1,
  },
  {
    metric: "openvibe_dead_letters_total",
    labels: { reason: "unknown_wake" },
    when: "an activation names a wake-up that never was",
    happen: async (w) => w.wakeUp((await run("think")(w)).run_id, 7),
    by: 1,
  },
  {
    metric: "openvibe_activation_redeliveries_total",
    labels: { operator: OPERATOR },
    when: "an activation comes again after its run has ended",
    happen: async (w) => w.wakeUp((await run("think")(w)).run_id, 0),
    by: 1,
  },
  {
    metric: "openvibe_activations_inflight",
    when: "a run is in a worker's hands",
    happen: (w) => w.hold(),
    by: 1,
  },
  {
    metric: "openvibe_run_duration_seconds",
    sample: "openvibe_run_duration_seconds_count",
    labels: { operator: OPERATOR, workflow: "think" },
    when: "a run ends",
    happen: run("think"),
    by: 1,
  },
  {
    metric: "openvibe_run_duration_seconds",
    sample: "openvibe_run_duration_seconds_sum",
    labels: { operator: OPERATOR, workflow: "think" },
    when: "a run has taken its time",
    happen: run("think"),
  },
  ...["node", "llm", "branch"].map(
    (type): Row => ({
      metric: "openvibe_node_duration_seconds",
      sample: "openvibe_node_duration_seconds_count",
      labels: { type },
      when: `a ${type} step ends`,
      happen: run("think"),
      by: 1,
    }),
  ),
  {
    metric: "openvibe_llm_requests_total",
    labels: { ...HAIKU, outcome: "ok" },
    when: "a model answers",
    happen: run("think"),
    by: 1,
  },
  {
    metric: "openvibe_llm_requests_total",
    labels: { ...HAIKU, outcome: "OV_LLM_AUTH" },
    when: "a model's vendor refuses",
    happen: run("think", { ask: "fail" }),
    by: 1,
  },
  ...Object.entries({ input: 20, output: 5, cache_read: 6, cache_write: 4 }).map(
    ([type, by]): Row => ({
      metric: "openvibe_llm_tokens_total",
      labels: { ...HAIKU, type },
      when: `a model's vendor bills ${by} ${type} tokens`,
      happen: run("think"),
      by,
    }),
  ),
  {
    metric: "openvibe_llm_cost_usd_total",
    labels: HAIKU,
    when: "a call whose price is known is made",
    happen: run("think"),
  },
  {
    metric: "openvibe_llm_unpriced_total",
    labels: { provider: "anthropic", model: "claude-nobody-1" },
    when: "a call whose price nobody knows is made",
    happen: run("guess"),
    by: 1,
  },
  {
    metric: "openvibe_http_requests_total",
    labels: { method: "GET", route: "/v1/operators/:operator_id", status: "404" },
    when: "somebody asks for what is not there",
    happen: (w) => w.client.call("GET", "/v1/operators/nobody"),
    by: 1,
  },
  {
    metric: "openvibe_webhook_attempts_total",
    labels: { outcome: "failed" },
    when: "nobody listens where a subscription leads",
    happen: async (w) => {
      const made = await w.client.call<{ subscription_id: string }>("POST", "/v1/events/subscribe", {
        ...{ url: "http://127.0.0.1:1024/", types: ["lead.none"] },
      });
      await w.client.call("POST", `/v1/events/subscriptions/${made.body.subscription_id}/test`);
    },
    by: 1,
  },
  {
    metric: "openvibe_schedule_slots_total",
    labels: { operator: "clocked", trigger: "hourly", outcome: "missed" },
    when: "three slots passed while nothing looked, and only the newest starts a run",
    happen: (w) => missThreeSlots(w, "clocked"),
    by: 2,
  },
  {
    metric: "openvibe_sse_clients",
    when: "a client listens",
    happen: async (w) => listen(w.client.url),
    by: 1,
  },
  {
    metric: "openvibe_sse_dropped_clients_total",
    labels: { reason: "stalled" },
    when: "a client stops reading",
    happen: async (w) => {
      const client = request(`${w.client.url}/v1/events/stream`).end();
      client.on("error", () => {});
      await once(client, "response"); // and nobody reads it
      await run("flood", { count: 300 })(w);
      return { [Symbol.asyncDispose]: async () => void client.destroy() };
    },
    by: 1,
  },
];

/** Registers an operator whose schedule, the store says, was looked at three hours ago for the last time. */
async function missThreeSlots({ client, sql }: World, id: string): Promise<void> {
  const hourly = `cron:${(new Date().getUTCMinutes() + 30) % 60} * * * *`; // none comes now
  const lookedAt = async () =>
    await sql(
      `INSERT INTO openvibe.schedules (operator_id, trigger_id, trigger_on, settled_upto) VALUES ($1, 'hourly', $2, $3) ON CONFLICT DO NOTHING`,
      ...[id, hourly, Date.now() - 3 * 3_600_000],
    );
  await lookedAt();
  const nodes = [{ id: "rest", type: "wait", duration: "1s" }];
  const operator = { id, name: id, state: { n: "number" }, workflows: [{ id: "work", triggers: { hourly }, nodes }] };
  expect((await client.call("POST", "/v1/operators", operator)).status).toBe(201);
  await lookedAt(); // had a scheduler met the row before the operator it would have been taken away
}

async function listen(url: string): Promise<AsyncDisposable> {
  const stop = new AbortController();
  const connected = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const _ of readSse(`${url}/v1/events/stream`, { signal: stop.signal, onConnect: () => connected.resolve() }));
  })();
  reading.catch(connected.reject);
  await connected.promise;
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await reading.catch(() => {});
    },
  };
}

describe("each metric moves when its thing happens", () => {
  test.each(ROWS)("$metric, when $when", async ({ metric, sample = metric, labels, happen, by }) => {
    await until("the last row's runs are told", async () => (await world.scrape()).value("openvibe_activations_inflight") === 0);
    const before = (await world.scrape()).value(sample, labels);

    const lasting = await happen(world);
    const moved = async () => {
      const grown = (await world.scrape()).value(sample, labels) - before;
      return grown > 0 ? grown : undefined;
    };
    const grown = await until(`${sample} moves`, moved, 60_000);

    if (by !== undefined) expect(grown).toBe(by);
    if (isLasting(lasting)) await lasting[Symbol.asyncDispose]();
  });

  test("gauges come down again", async () => {
    for (const gauge of ["openvibe_activations_inflight", "openvibe_sse_clients"])
      await until(`${gauge} is 0`, async () => (await world.scrape()).value(gauge) === 0);
  });
});

function isLasting(value: unknown): value is AsyncDisposable {
  return typeof value === "object" && value !== null && Symbol.asyncDispose in value;
}

test("no metric of ours is exported that is not in the table, and none stands in the table that the rows above do not move", async () => {
  const { families } = await world.scrape();

  const ours = [...families].filter(([name]) => name.startsWith("openvibe_"));
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(Object.entries(METRICS).map(([name, { type }]) => [name, type])));
  const moved = new Set<string>(ROWS.map(({ metric }) => metric));
  expect(Object.keys(METRICS).filter((name) => !moved.has(name))).toEqual(["openvibe_build_info"]); // which is a constant, 1
});

test("/metrics has Prometheus' media type, the process's own metrics, and names neither a run nor what strangers make up", async () => {
  for (let n = 0; n < 20; n++) {
    await world.client.call("GET", `/v1/operators/stranger_${n}/runs`);
    await world.client.call("GET", `/made/up/${n}`);
    await world.client.call("POST", `/v1/operators/stranger_${n}/activate`, { trigger: "x" });
  }
  const { run_id } = await world.client.run(OPERATOR, "think", {});
  const scraped = await world.scrape();

  expect(scraped.contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(scraped.families.get("process_cpu_seconds_total")).toBe("counter");
  expect(scraped.value("openvibe_build_info")).toBe(1);
  expect(scraped.labelValues("operator").filter((id) => id !== "clocked")).toEqual([OPERATOR]);
  const everything = ["operator", "workflow", "status", "route", "model", "reason", "type", "outcome"].flatMap(scraped.labelValues);
  expect(everything.filter((value) => value.includes(run_id) || /stranger_|made/.test(value))).toEqual([]);
});
