import { randomBytes } from "node:crypto";
import { Client } from "pg";

const CONNECT_WITHIN_MS = 5_000;

/** Makes a fresh, randomly named, empty database on the server behind that URL and gives its URL. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `openvibe_test_${randomBytes(8).toString("hex")}`;
  // template0: no client can be connected to it, which would make this fail. Its text encoding is the server's.
  await query(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Drops a database that `createDatabase` made, with the connections it still has. */
export async function dropDatabase(serverUrl: string, databaseUrl: string): Promise<void> {
  const name = new URL(databaseUrl).pathname.slice(1);
  if (!/^openvibe_test_[0-9a-f]{16}$/.test(name)) throw new Error(`createDatabase did not make the database ${name}, so it is not dropped`);
  await query(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

/** Asks the server for its version. Throws when it does not take queries. */
export async function readPostgresVersion(serverUrl: string): Promise<string> {
  const rows = await query(serverUrl, "SHOW server_version");
  const version = rows[0]?.server_version;
  if (typeof version !== "string") throw new Error("that is no Postgres server");
  return version.split(" ")[0] ?? version; // behind the number stands who packaged it
}

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  client.on("error", () => {}); // a server that ends meanwhile: the query itself fails too, and that is thrown
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}
