/** Two servers, one operator each, over a NATS cluster of three, Postgres and a played model: the mesh as it is deployed, on loopback. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type NatsCluster, startNatsCluster, startPostgres } from "@openvibe/stack";
import { type Client, createClient } from "./e2e-client.ts";
import { type Server, startServer } from "./e2e-command.ts";
import { startVendor, type Vendor } from "./e2e-vendor.ts";

export const COMPANY_INTEL = "operators/company_intel/index.ts";
export const REVENUE_OPS = "tests/support/e2e-revenue-ops.ts";

export interface Rig extends AsyncDisposable {
  readonly cluster: NatsCluster;
  readonly vendor: Vendor;
  /** A connection of a stranger. */
  readonly nc: NatsConnection;
  /** Updates that the CRM was told since `forget`. */
  readonly crmFile: string;
  startCompanyIntel(): Promise<{ readonly server: Server; readonly client: Client }>;
  startRevenueOps(): Promise<{ readonly server: Server; readonly client: Client }>;
  /** Counts and the CRM's file begin anew; so does what is known of Stripe, unless `keepIntel`. */
  forget(options?: { readonly keepIntel?: boolean }): Promise<void>;
}

export async function startRig(): Promise<Rig> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "openvibe-e2e-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const [cluster, postgres, vendor] = await Promise.all([startNatsCluster({ size: 3 }), startPostgres({ own: true }), startVendor()]);
  for (const part of [cluster, postgres, vendor]) starting.use(part);
  const crmFile = join(folder, "crm.jsonl");
  const env = {
    ...vendor.env,
    NATS_URL: cluster.urls.join(","),
    DATABASE_URL: await postgres.createDatabase(),
    OPENVIBE_NATS_REPLICAS: "3",
    OPENVIBE_TEST_CRM_FILE: crmFile,
  };
  const start = async (file: string, operator: string) => {
    const server = await startServer({ command: "serve", files: [file], operators: [operator], env });
    stack.use(server);
    return { server, client: createClient(server.url) };
  };
  const nc = await connect({ servers: [...cluster.urls] });
  starting.defer(() => nc.close());
  const stack = starting.move();
  return {
    cluster,
    vendor,
    nc,
    crmFile,
    startCompanyIntel: () => start(COMPANY_INTEL, "company_intel"),
    startRevenueOps: () => start(REVENUE_OPS, "revenue_ops"),
    async forget({ keepIntel = false } = {}) {
      if (!keepIntel) await forgetStripe(nc);
      await writeFile(crmFile, "");
      vendor.forget();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The HTTP API has no way to delete an entry yet. */
async function forgetStripe(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc);
  await jsm.streams.purge("KV_context-companies", { filter: "$KV.context-companies.stripe.intel" }).catch((error: unknown) => {
    if (!(error instanceof JetStreamApiError && error.status === 404)) throw error;
  });
}
