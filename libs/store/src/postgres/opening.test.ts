import { newToken, type RunId } from "@openvibe/core";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { aNewRun } from "../contract/examples.ts";
import { listedWrongly } from "../contract/listed-wrongly.ts";
import { versionOne } from "../contract/version-one.ts";
import { MIGRATIONS, NEWEST } from "../migrations/index.ts";
import { postgresDdl } from "./migrate.ts";
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

  test("a schema whose runs were listed by generated columns is brought up to date, with the columns' values and the runs as they stood", async () => {
    const schema = freshSchema();
    const runs = `"${schema}".runs`;
    const rows = [
      "'run_queued', 'queued', 1, 2, NULL, NULL, 5, NULL",
      "'run_asleep', 'waiting', 1, NULL, 3, NULL, 5, NULL",
      "'run_woken', 'waiting', 1, 2, 3, NULL, 5, NULL",
      "'run_unsent', 'completed', 1, 2, NULL, 4, 5, NULL",
      "'run_sent', 'completed', NULL, NULL, NULL, 4, 5, NULL",
      "'run_purged', 'completed', NULL, NULL, NULL, 4, 5, 6",
    ];
    await ask(
      [
        `CREATE SCHEMA "${schema}"`,
        ...MIGRATIONS.filter(({ version }) => version <= 14).flatMap(({ statements }) => statements(postgresDdl(schema))),
        `CREATE TABLE "${schema}".schema_version AS SELECT 14 AS version`,
        ...rows.map(
          (
            row,
          ) => `INSERT INTO ${runs} (run_id, status, look_at, unsent_since, due_at, completed_at, deadline, purged_at, operator_id, workflow_id, trigger_id,
            definition, created_at, queued_at, sweep_at, input, events) VALUES (${row}, 'revenue_ops', 'w', 't', 'v', 0, 0, 0, '{}', '[]')`,
        ),
      ].join(";"),
    );
    const values = () => ask(`SELECT * FROM ${runs} ORDER BY run_id`);
    const generated = () =>
      ask(
        `SELECT column_name FROM information_schema.columns WHERE table_schema = '${schema}' AND is_generated = 'ALWAYS' ORDER BY column_name`,
      );
    const before = await values();
    expect(await generated()).toEqual([{ column_name: "expires_at" }, { column_name: "listed_as" }]);

    await using store = await openPostgresStore({ url, schema, poolSize: 2 });

    expect(await values()).toEqual(before);
    expect(before.map((row) => [row.run_id, row.listed_as, row.expires_at])).toEqual([
      ["run_asleep", "waiting", "5"],
      ["run_purged", "purged", null],
      ["run_queued", "live", "5"],
      ["run_sent", "completed", null],
      ["run_unsent", "live", null],
      ["run_woken", "live", "5"],
    ]);
    expect(await generated()).toEqual([]);
    await store.runs.markSent({ runId: "run_unsent" as RunId, sequence: 0 });
    await store.runs.insert(aNewRun());
    expect(await store.runs.list({ statuses: ["completed"] }, { limit: 5 })).toMatchObject([
      { runId: "run_unsent" },
      { runId: "run_sent" },
    ]);
    expect(await ask(listedWrongly(runs))).toEqual([]);
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
