import { messageOf, OpenVibeError, type OperatorManifest } from "@openvibe/core";
import { Client } from "pg";
import { NEWEST } from "../migrations/index.ts";
import { findPooling, type Pooling } from "./find-pooling.ts";
import { parseSchema, qualified, shownUrl } from "./names.ts";
import { POOL_SIZE } from "./pool.ts";

const WITHIN_MS = 5_000;

/** What a Postgres says about itself, read without changing anything. */
export interface PostgresFacts {
  /** Server and database, without the login. */
  readonly where: string;
  readonly version: string;
  /** `150018` for 15.18. */
  readonly versionNumber: number;
  /** As they hold for our user in our database; by the names of `pg_settings`. */
  readonly settings: Readonly<Record<(typeof SETTINGS)[number], string>>;
  /** A standby takes no writes. */
  readonly standby: boolean;
  readonly connections: { readonly used: number; readonly allowed: number; readonly perProcess: number };
  /** `found` is 0 where the schema was never made. */
  readonly schema: { readonly found: number; readonly newest: number; readonly mayCreate: boolean };
  readonly clock: { readonly aheadMs: number; readonly uncertainMs: number };
  readonly pooling: Pooling;
  /** The current version of every operator. */
  readonly manifests: readonly OperatorManifest[];
}

const SETTINGS = [
  "synchronous_commit",
  "fsync",
  "full_page_writes",
  "max_connections",
  "superuser_reserved_connections",
  "server_encoding",
  "default_transaction_read_only",
] as const;

/** Reads what a doctor needs to know. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_CONFIG_INVALID (schema) */
export async function inspectPostgres({ url, schema: given }: { readonly url: string; readonly schema: string }): Promise<PostgresFacts> {
  const schema = parseSchema(given);
  const where = shownUrl(url);
  const open = async () => {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: WITHIN_MS,
      query_timeout: WITHIN_MS,
      application_name: "openvibe doctor",
    });
    client.on("error", () => {}); // the query that is under way fails as well
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  };
  try {
    await using stack = new AsyncDisposableStack();
    const client = await open();
    stack.defer(() => client.end());
    return { where, ...(await readFacts(client, schema)), pooling: await findPooling(client, open) };
  } catch (cause) {
    throw new OpenVibeError("OV_STORE_UNAVAILABLE", `${where}: ${messageOf(cause)}`, { cause });
  }
}

async function readFacts(client: Client, schema: string): Promise<Omit<PostgresFacts, "where" | "pooling">> {
  const askedAt = Date.now();
  const [now] = (await client.query<{ ms: string }>("SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms")).rows;
  const uncertainMs = (Date.now() - askedAt) / 2;
  const { rows } = await client.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'server_version_num', ${SETTINGS.map((name) => `'${name}'`).join(", ")})`,
  );
  const all = new Map(rows.map(({ name, setting }) => [name, setting]));
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, all.get(name) ?? ""])) as PostgresFacts["settings"];
  const [state] = (
    await client.query<{
      standby: boolean;
      used: string;
      may_create: boolean;
      limits: number[];
      version_table: boolean;
      manifest_table: boolean;
    }>(
      `SELECT pg_is_in_recovery() AS standby, (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
        has_database_privilege(current_database(), 'CREATE') AS may_create,
        ARRAY[(SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), (SELECT datconnlimit FROM pg_database WHERE datname = current_database())] AS limits,
        to_regclass($1) IS NOT NULL AS version_table, to_regclass($2) IS NOT NULL AS manifest_table`,
      [qualified(schema, "schema_version"), qualified(schema, "manifests")],
    )
  ).rows;
  const versions =
    state?.version_table === true
      ? await client.query<{ version: number }>(`SELECT version FROM ${qualified(schema, "schema_version")}`)
      : undefined;
  const limits = [
    Number(settings.max_connections) - Number(settings.superuser_reserved_connections),
    ...(state?.limits ?? []).filter((limit) => limit >= 0),
  ];
  return {
    version: (all.get("server_version") ?? "").split(" ")[0] ?? "",
    versionNumber: Number(all.get("server_version_num")),
    settings,
    standby: state?.standby === true,
    // The beat has a connection of its own. Ours of this moment does not count.
    connections: { used: Math.max(0, Number(state?.used ?? 1) - 1), allowed: Math.min(...limits), perProcess: POOL_SIZE + 1 },
    schema: { found: versions?.rows[0]?.version ?? 0, newest: NEWEST, mayCreate: state?.may_create === true },
    clock: { aheadMs: Number(now?.ms) - (askedAt + uncertainMs), uncertainMs: uncertainMs + 1 },
    manifests: state?.manifest_table === true ? await readManifests(client, schema) : [],
  };
}

async function readManifests(client: Client, schema: string): Promise<readonly OperatorManifest[]> {
  const { rows } = await client.query<{ manifest: string }>(
    `SELECT DISTINCT ON (operator_id) manifest FROM ${qualified(schema, "manifests")} ORDER BY operator_id, registered_at DESC, version DESC`,
  );
  return rows.map(({ manifest }) => JSON.parse(manifest) as OperatorManifest);
}
