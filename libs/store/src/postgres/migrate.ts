import type { Pool, PoolClient } from "pg";
import { type Ddl, NEWEST, planMigrations } from "../migrations/index.ts";
import { qualified } from "./names.ts";

/** Half of a page stays free for the next versions of a row: then a run's updates stay on its page and leave the indexes alone (HOT). */
const CHANGING = "WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)";

export function postgresDdl(schema: string): Ddl {
  return {
    table: (name) => qualified(schema, name),
    id: 'text COLLATE "C"',
    time: "bigint",
    changing: CHANGING,
    calm: "",
    givenFirst: true, // of an update the log holds what lies between the first and the last byte that changed
    generated: "STORED", // only such a one can be indexed
    dropExpression: (table, column) => [`ALTER TABLE ${qualified(schema, table)} ALTER COLUMN ${column} DROP EXPRESSION`],
    // The statements do (dialect.ts): a trigger or a foreign key would be asked at every step of every run.
    keepTags: () => [],
    forgetWithRun: () => [],
  };
}

/** Brings the schema up to date, one process at a time. @throws OpenVibeError OV_STORE_SCHEMA */
export async function migrate(pool: Pool, schema: string, where: string): Promise<void> {
  const client = await pool.connect();
  try {
    const place = `${where}, schema ${schema}`;
    const ddl = postgresDdl(schema);
    if (planMigrations(await readVersion(client, schema), place, ddl).length === 0) return;
    await client.query("BEGIN");
    try {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('openvibe.store'), hashtext($1))", [schema]);
      const known = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
      if (known.rowCount === 0) await client.query(`CREATE SCHEMA "${schema}"`);
      await client.query(`CREATE TABLE IF NOT EXISTS ${ddl.table("schema_version")} (version integer NOT NULL)`);
      const version = await readVersion(client, schema);
      for (const statement of planMigrations(version, place, ddl)) await client.query(statement);
      await client.query(`DELETE FROM ${ddl.table("schema_version")}`);
      await client.query(`INSERT INTO ${ddl.table("schema_version")} VALUES (${NEWEST})`);
      await client.query("COMMIT");
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined); // the connection may be what failed
      throw error;
    }
  } finally {
    client.release();
  }
}

async function readVersion(client: PoolClient, schema: string): Promise<number> {
  const table = qualified(schema, "schema_version");
  const { rows } = await client.query<{ found: boolean }>("SELECT to_regclass($1) IS NOT NULL AS found", [table]);
  if (rows[0]?.found !== true) return 0;
  const { rows: versions } = await client.query<{ version: number }>(`SELECT version FROM ${table}`);
  return versions[0]?.version ?? 0;
}
