import { newRunId, newToken } from "@openvibe/core";
import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { openPostgresStore } from "./store.ts";

const url = inject("postgresUrl");

test("whoever takes an event that another one is just taking comes too late, whatever its own snapshot said", async () => {
  const schema = `test_${newToken()}`;
  await using store = await openPostgresStore({ url, schema, poolSize: 2 });
  const [first, watcher] = [new Client({ connectionString: url }), new Client({ connectionString: url })];
  await Promise.all([first.connect(), watcher.connect()]);
  const nobody = { operatorId: null, workflowId: null, runId: null, nodeId: null, sequence: null };
  const event = { id: "e1", type: "lead.changed", time: "2026-11-28T10:00:00.000Z", ...nobody, data: {} };
  const pacing = { concurrency: { limit: 5 } };
  await store.heldEvents.hold({
    operatorId: "sales",
    triggerId: "t",
    event,
    hops: 1,
    place: 1,
    pacing,
    key: "",
    origin: "event:sales.t:e1",
  });
  await first.query("BEGIN");
  await first.query(`UPDATE "${schema}".held_events SET run_id = 'first', taken_at = 1`);

  const taking = store.heldEvents.take({ limit: 100, newRunId: () => newRunId(Date.now()) });
  const blocked = async () =>
    (await watcher.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1", [`%"${schema}".held_events%`]))
      .rowCount;
  await expect.poll(blocked, { timeout: 5_000 }).toBe(1);
  await first.query("COMMIT");
  await taking;

  expect((await store.heldEvents.findTaken(100)).map(({ runId }) => runId)).toEqual(["first"]);
  await Promise.all([first.end(), watcher.end()]);
});
