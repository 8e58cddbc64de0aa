import { newToken } from "@openvibe/core";
import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { aFinishedRun } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");

test("a run that is deleted, or emptied for its key's sake, leaves no tags behind; and no step of a run asks a trigger", async () => {
  const schema = `test_${newToken()}`;
  await using store = await openPostgresStore({ url, schema, poolSize: 2 });
  const client = new Client({ connectionString: url });
  await client.connect();
  const count = async () => (await client.query(`SELECT count(*)::int AS n FROM "${schema}".run_tags`)).rows[0]?.n;
  const tags = { team: "emea", tier: "1" };
  for (const given of [{ runId: "run_a" }, { runId: "run_b", idempotencyKey: "k" }, { runId: "run_c" }]) {
    await aFinishedRun(store, "completed", { ...given, tags });
    await store.runs.markSent({ runId: given.runId, sequence: 9 });
  }
  expect(await count()).toBe(6);

  let purged = 0;
  await expect.poll(async () => (purged += await store.sweep.purge({ keepMs: 0, limit: 1 })), { interval: 20 }).toBe(2);
  expect(await count()).toBe(2);
  await store.sweep.purge({ keepMs: 0, limit: 5 });

  expect(await count()).toBe(0);
  expect((await client.query(`SELECT tgname FROM pg_trigger WHERE tgrelid = '"${schema}".runs'::regclass`)).rows).toEqual([]);
  await client.end();
});
