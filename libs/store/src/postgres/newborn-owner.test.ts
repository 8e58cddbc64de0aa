import { newToken, silentLogger } from "@openvibe/core";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { aNewRun, ME } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");
const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

describe("a claim that waits for a lock", () => {
  test("does not take the run from a process that began to beat meanwhile", async () => {
    const schema = `test_${newToken()}`;
    await using store = await openPostgresStore({ url, schema, poolSize: 2 });
    await using _beat = await store.workers.beat({ owner: ME, logger: silentLogger });
    const [newborn, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
    await Promise.all([newborn.connect(), watcher.connect()]);
    await watcher.query(`UPDATE "${schema}".workers SET steady_since = steady_since - 10000`);
    const { run } = await store.runs.insert(aNewRun());
    await newborn.query("BEGIN");
    await newborn.query(`SELECT 1 FROM "${schema}".runs WHERE run_id = $1 FOR UPDATE`, [run.runId]);

    const claiming = store.runs.claim({ runId: run.runId, wake: 0, owner: ME });
    const blocked = async () =>
      (await watcher.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1", [`%"${schema}".runs%`]))
        .rowCount;
    await expect.poll(blocked, { timeout: 5_000 }).toBe(1);
    await newborn.query(`INSERT INTO "${schema}".workers VALUES ('newborn', ${NOW}, ${NOW})`);
    await newborn.query(`UPDATE "${schema}".runs SET status = 'running', owner = 'newborn', attempt = attempt + 1, claimed_at = ${NOW}`);
    await newborn.query("COMMIT");

    expect(await claiming).toMatchObject({ claimed: undefined, row: { status: "running", owner: "newborn", ownerSilent: false } });
    await Promise.all([newborn.end(), watcher.end()]);
  });
});
