import { randomBytes } from "node:crypto";
import { newToken } from "@openvibe/core";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { aNewRun, aWrite, claim } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");

describe("a run's updates", () => {
  // https://www.postgresql.org/docs/current/storage-hot.html: a claim, three steps and the end change no indexed column, only markSent does.
  test("leave the indexes alone but for the last one", async () => {
    const schema = `test_${newToken()}`;
    await using store = await openPostgresStore({ url, schema, poolSize: 2 });
    const client = new Client({ connectionString: url });
    await client.connect();
    const runs = 20;
    for (let n = 0; n < runs; n++) {
      const { run } = await store.runs.insert(aNewRun());
      const claimed = await claim(store, run.runId);
      for (const step of [1, 2, 3]) await store.runs.write(aWrite(claimed, { step }));
      await store.runs.write(aWrite(claimed, { step: 4, status: "completed", output: { n } }));
      await store.runs.markSent({ runId: run.runId, sequence: 1 });
    }

    const counted = async () =>
      (
        await client.query(
          "SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = 'runs'",
          [schema],
        )
      ).rows[0];
    await expect.poll(counted, { timeout: 15_000, interval: 200 }).toEqual({ updates: runs * 6, hot: runs * 5 });
    await client.end();
  });

  test("do not write the input to the log again", async () => {
    const schema = `test_${newToken()}`;
    await using store = await openPostgresStore({ url, schema, poolSize: 2 });
    const client = new Client({ connectionString: url });
    await client.connect();
    const notes = randomBytes(500).toString("hex");
    const claimed = await claim(store, (await store.runs.insert(aNewRun({ input: { notes } }))).run.runId);
    await store.runs.write(aWrite(claimed, { state: claimed.run.input, input: claimed.run.input }));

    // What a step changes. The first change of a page after a checkpoint writes all of it.
    const change = `EXPLAIN (ANALYZE, WAL, FORMAT JSON) UPDATE "${schema}".runs SET step = step + 1, position = 'b' || step, metrics = 'm' || step`;
    const sizes: number[] = [];
    for (let n = 0; n < 3; n++) sizes.push((await client.query(change)).rows[0]["QUERY PLAN"][0].Plan["WAL Bytes"]);

    expect(Math.min(...sizes)).toBeLessThan(notes.length / 2);
    await client.end();
  });
});
