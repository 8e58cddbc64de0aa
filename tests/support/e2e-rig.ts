/** Two servers, one operator each, over a broker, Postgres and a played model: the mesh as it is deployed, on loopback. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type NatsCluster, type RedisServer, startNatsCluster, startPostgres, startRedis } from "@openvibe/stack";
import { createClient as createRedisClient } from "@redis/client";
import { type Client, createClient } from "./e2e-client.ts";
import { type Server, startServer } from "./e2e-command.ts";
import { startVendor, type Vendor } from "./e2e-vendor.ts";

export const COMPANY_INTEL = "operators/company_intel/index.ts";
export const REVENUE_OPS = "tests/support/e2e-revenue-ops.ts";

export interface Rig extends AsyncDisposable {
  readonly vendor: Vendor;
  /** Updates that the CRM was told since `forget`. */
  readonly crmFile: string;
  startCompanyIntel(): Promise<{ readonly server: Server; readonly client: Client }>;
  startRevenueOps(): Promise<{ readonly server: Server; readonly client: Client }>;
  /** Counts and the CRM's file begin anew; so does what is known of Stripe, unless `keepIntel`. */
  forget(options?: { readonly keepIntel?: boolean }): Promise<void>;
  /** What company_intel is asked from now on, as a stranger hears it. */
  hearAsks(): Promise<{ readonly asked: readonly string[]; stop(): Promise<void> }>;
}

export interface NatsRig extends Rig {
  readonly cluster: NatsCluster;
  /** A connection of a stranger. */
  readonly nc: NatsConnection;
}

export type RedisConnection = Awaited<ReturnType<typeof connectRedis>>;

export interface RedisRig extends Rig {
  readonly redis: RedisServer;
  /** A connection of a stranger. */
  readonly stranger: RedisConnection;
}

/** What a rig has of its broker. */
interface Broker {
  readonly env: Readonly<Record<string, string>>;
  readonly hearAsks: Rig["hearAsks"];
  /** The HTTP API has no way to delete an entry yet. */
  forgetStripe(): Promise<void>;
}

/** Over a NATS cluster of three. */
export async function startNatsRig(): Promise<NatsRig> {
  await using starting = new AsyncDisposableStack();
  const cluster = starting.use(await startNatsCluster({ size: 3 }));
  const nc = await connect({ servers: [...cluster.urls] });
  starting.defer(() => nc.close());
  const rig = await startRig(starting, {
    env: { NATS_URL: cluster.urls.join(","), OPENVIBE_NATS_REPLICAS: "3" },
    async hearAsks() {
      const asked: string[] = [];
      const callback = (_error: unknown, { subject }: { readonly subject: string }) => void asked.push(subject.split(".")[3] ?? "");
      const ear = nc.subscribe("operators.company_intel.request.*", { callback });
      await nc.flush();
      // Else NATS takes us for somebody who will answer.
      return { asked, stop: async () => ear.unsubscribe() };
    },
    async forgetStripe() {
      const jsm = await jetstreamManager(nc);
      await jsm.streams.purge("KV_context-companies", { filter: "$KV.context-companies.stripe.intel" }).catch((error: unknown) => {
        if (!(error instanceof JetStreamApiError && error.status === 404)) throw error;
      });
    },
  });
  return { ...rig, cluster, nc };
}

/** Over one Redis. */
export async function startRedisRig(): Promise<RedisRig> {
  await using starting = new AsyncDisposableStack();
  const redis = starting.use(await startRedis({ own: true }));
  const stranger = await connectRedis(redis.url);
  starting.defer(() => stranger.destroy());
  const rig = await startRig(starting, {
    env: { REDIS_URL: redis.url },
    async hearAsks() {
      const asked: string[] = [];
      const ear = await connectRedis(redis.url);
      await ear.pSubscribe("openvibe:request:company_intel.*", (_message, channel) => {
        asked.push(/^openvibe:request:company_intel\.(\w+):/.exec(channel)?.[1] ?? "");
      });
      return { asked, stop: async () => ear.destroy() };
    },
    async forgetStripe() {
      await stranger.hDel("openvibe:bucket:context-companies", "stripe.intel");
    },
  });
  return { ...rig, redis, stranger };
}

async function startRig(starting: AsyncDisposableStack, broker: Broker): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "openvibe-e2e-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const [postgres, vendor] = await Promise.all([startPostgres({ own: true }), startVendor()]);
  for (const part of [postgres, vendor]) starting.use(part);
  const crmFile = join(folder, "crm.jsonl");
  const databaseUrl = await postgres.createDatabase();
  const env = { ...vendor.env, ...broker.env, DATABASE_URL: databaseUrl, OPENVIBE_TEST_CRM_FILE: crmFile };
  const start = async (file: string, operator: string) => {
    const server = await startServer({ command: "serve", files: [file], operators: [operator], env });
    stack.use(server);
    return { server, client: createClient(server.url) };
  };
  const stack = starting.move();
  return {
    vendor,
    crmFile,
    startCompanyIntel: () => start(COMPANY_INTEL, "company_intel"),
    startRevenueOps: () => start(REVENUE_OPS, "revenue_ops"),
    async forget({ keepIntel = false } = {}) {
      if (!keepIntel) await broker.forgetStripe();
      await writeFile(crmFile, "");
      vendor.forget();
    },
    hearAsks: broker.hearAsks,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** It connects again by itself, as a stranger's would. */
async function connectRedis(url: string) {
  const client = createRedisClient({ url, RESP: 2 });
  client.on("error", () => {}); // the server is killed in a test
  return await client.connect();
}
