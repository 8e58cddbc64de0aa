import { newToken } from "@openvibe/core";
import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { aClaimedRun } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");

test("a result that meets another worker's claim waits for it, and is refused", async () => {
  const schema = `test_${newToken()}`;
  await using store = await openPostgresStore({ url, schema, poolSize: 2 });
  const [successor, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
  await Promise.all([successor.connect(), watcher.connect()]);
  const { runId } = (await aClaimedRun(store)).run;
  await successor.query("BEGIN");
  await successor.query(`UPDATE "${schema}".runs SET owner = 'successor', attempt = attempt + 1 WHERE run_id = $1`, [runId]);

  const keeping = store.subSteps.keep({ runId, attempt: 1, place: "n:0", key: "k", step: 0, result: "1" });
  const blocked = async () =>
    (await watcher.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1", [`%"${schema}".sub_steps%`]))
      .rowCount;
  await expect.poll(blocked, { timeout: 5_000 }).toBe(1);
  await successor.query("COMMIT");

  expect(await keeping).toBe("stale");
  expect((await store.subSteps.of({ runId, place: "n:0", step: 0 })).size).toBe(0);
  await Promise.all([successor.end(), watcher.end()]);
});
