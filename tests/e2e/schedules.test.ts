/** Runs by the clock over a real broker and database: what was missed for half an hour is made good by two that race, after a third has died at it. */
import { Client } from "pg";
import { expect, test } from "vitest";
import { createClient, type RunBody } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { startMesh } from "../support/mesh.ts";

const MISSED = 30;
const MINUTE = 60_000;
const TRIGGERS = ["first", "second", "third"] as const;
type SlotRun = RunBody & { readonly tags: { readonly slot: string } };

test("each slot has exactly one run, which ends, over kill -9 of a scheduler between the insert of a run and its wake-up", async () => {
  await using mesh = await startMesh({ env: { OPENVIBE_OPERATOR_FILES: "tests/support/clocked-operators.ts" } });
  const gateway = await mesh.start("gateway");
  const client = createClient(/"url":"([^"]+)"/.exec(gateway.output())?.[1] ?? "");
  await mesh.start("worker");
  const database = new Client({ connectionString: mesh.databaseUrl });
  await database.connect();
  await using _database = { [Symbol.asyncDispose]: () => database.end() };
  const newest = Math.floor(Date.now() / MINUTE) * MINUTE;
  for (const trigger of TRIGGERS)
    await database.query(
      "INSERT INTO openvibe.schedules (operator_id, trigger_id, trigger_on, settled_upto) VALUES ('clocked', $1, $2, $3)",
      [trigger, trigger === "third" ? "cron:* * * * * Asia/Kolkata" : "cron:* * * * *", newest - MISSED * MINUTE],
    );
  const runs = async () => {
    const { body } = await client.call<{ data: readonly SlotRun[] }>("GET", "/v1/operators/clocked/runs?limit=200");
    return body.data;
  };

  const doomed = await mesh.start("scheduler", {
    env: { NODE_ENV: "test", OPENVIBE_TEST_FAULTS: "exitAfterInsert", OPENVIBE_EAGER_START: "false" },
  });
  await doomed.ended;
  const left = await runs();
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(TRIGGERS.length * MISSED);
  await Promise.all([mesh.start("scheduler"), mesh.start("scheduler")]);

  await until("every missed slot has its run, and it has ended", async () => {
    const all = await runs();
    return all.length >= TRIGGERS.length * MISSED && all.every(({ status }) => status === "completed");
  });
  for (const trigger of TRIGGERS) {
    const slots = (await runs()).filter((run) => run.trigger === trigger).map(({ tags }) => tags.slot);
    const wanted = Array.from({ length: MISSED }, (_, n) => new Date(newest - n * MINUTE).toISOString());
    expect(new Set(slots).size).toBe(slots.length);
    expect(slots).toEqual(expect.arrayContaining(wanted));
  }
  const [run] = await runs();
  expect(run?.output).toEqual({ slot: run?.tags.slot });
  const inserted = (await runs()).map(({ run_id }) => run_id);
  expect(inserted).toEqual(expect.arrayContaining(left.map(({ run_id }) => run_id)));
}, 120_000);
