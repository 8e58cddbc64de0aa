import { newToken } from "@openvibe/core";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { aNewRun } from "../contract/examples.ts";
import { versionOne } from "../contract/version-one.ts";
import { NEWEST } from "../migrations/index.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");
const freshSchema = () => `test_${newToken()}`;

async function ask(text: string) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("opening a Postgres store", () => {
  test("many processes may open an empty schema at once", async () => {
    const schema = freshSchema();

    const stores = await Promise.all(Array.from({ length: 8 }, () => openPostgresStore({ url, schema, poolSize: 2 })));
    const inserted = await Promise.all(stores.map(({ runs }) => runs.insert(aNewRun())));
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));

    expect(inserted.every((answer) => answer.inserted)).toBe(true);
    expect(await ask(`SELECT version FROM "${schema}".schema_version`)).toEqual([{ version: NEWEST }]);
  });

  test("a schema of the first version is brought up to date, with its runs", async () => {
    const schema = freshSchema();
    const table = (name: string) => `"${schema}".${name}`;
    const ddl = { table, id: 'text COLLATE "C"', time: "bigint", changing: "", calm: "", givenFirst: false };
    const version = [
      `CREATE TABLE ${table("schema_version")} (version integer NOT NULL)`,
      `INSERT INTO ${table("schema_version")} VALUES (1)`,
    ];
    await ask([`CREATE SCHEMA "${schema}"`, ...versionOne(ddl), ...version].join(";"));

    await using store = await openPostgresStore({ url, schema, poolSize: 2 });
    await store.runs.insert(aNewRun());

    expect(await store.runs.list({ statuses: ["failed"] }, { limit: 5 })).toMatchObject([
      { runId: "run_old", input: { n: 1 }, deadline: null },
    ]);
    expect(await store.runs.list({ operatorId: "revenue_ops" }, { limit: 5 })).toHaveLength(2);
    expect(await store.runs.list({ tags: [["team", "emea"]] }, { limit: 5 })).toHaveLength(1);
  });

  test("what is large is compressed by lz4 where the server can", async () => {
    const schema = freshSchema();
    await using store = await openPostgresStore({ url, schema, poolSize: 2 });
    const [server] = await ask("SELECT 'lz4' = ANY (enumvals) AS lz4 FROM pg_settings WHERE name = 'default_toast_compression'");

    await store.runs.insert(aNewRun({ input: { text: "again and ".repeat(1_000) } }));

    const rows = await ask(`SELECT pg_column_compression(input) AS by FROM "${schema}".runs`);
    expect(rows).toEqual([{ by: server?.lz4 === true ? "lz4" : "pglz" }]);
  });

  test("a schema of a newer program is refused, and left as it is", async () => {
    const schema = freshSchema();
    await (await openPostgresStore({ url, schema }))[Symbol.asyncDispose]();
    await ask(`UPDATE "${schema}".schema_version SET version = 999`);

    await expect(openPostgresStore({ url, schema })).rejects.toMatchObject({
      code: "OV_STORE_SCHEMA",
      message: expect.stringContaining("version 999"),
    });
    expect(await ask(`SELECT version FROM "${schema}".schema_version`)).toEqual([{ version: 999 }]);
  });

  test("a server that does not answer is named without its password, after the deadline", async () => {
    const begun = performance.now();
    const opening = openPostgresStore({ url: "postgres://me:secret@127.0.0.1:1/shop", timeouts: { ownerMs: 300 } });

    const error: unknown = await opening.catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: "OV_STORE_UNAVAILABLE", message: expect.stringContaining("127.0.0.1:1/shop") });
    expect(String(error)).not.toContain("secret");
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test("a database that does not exist is said at once", async () => {
    const missing = new URL(url);
    missing.pathname = "/no_such_database";

    await expect(openPostgresStore({ url: missing.href })).rejects.toMatchObject({
      code: "OV_STORE_UNAVAILABLE",
      message: expect.stringContaining("no_such_database"),
    });
  });

  test.each(["", "Upper", 'a"b', "a.b", "x".repeat(64)])("the schema name %j is refused", async (schema) => {
    await expect(openPostgresStore({ url, schema })).rejects.toMatchObject({ code: "OV_CONFIG_INVALID" });
  });
});
