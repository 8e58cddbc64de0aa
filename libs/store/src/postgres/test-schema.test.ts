import { silentLogger } from "@openvibe/core";
import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { aClaimedRun, anEvent, aWrite, claim } from "../contract/examples.ts";
import { openPostgresStore } from "./store.ts";
import { openPostgresTestSchema } from "./test-schema.ts";

const url = inject("postgresUrl");
const DAY_MS = 86_400_000;
const wakeUp = { limit: 10, event: () => anEvent("run.resumed") };

test("time in a test's schema goes where it is moved, for every store on it, and never back", async () => {
  await using ground = await openPostgresTestSchema(url);
  const { schema } = ground;
  await using store = await openPostgresStore({ url, schema, testClock: true });
  await using other = await openPostgresStore({ url, schema, testClock: true });
  const claimed = await aClaimedRun(store);
  const interrupt = { kind: "timer", node_id: "cool_down", data: {} } as const;
  await store.runs.write(aWrite(claimed, { status: "waiting", interrupt, due: { afterMs: 42 * DAY_MS } }));
  const due = (await other.sweep.nextDue()) ?? 0;

  await ground.moveTo(due - 60_000);
  expect(await other.sweep.wakeDue(wakeUp)).toEqual([]);
  const { aheadMs: ahead } = await ground.moveTo(due);

  expect(Math.round(ahead / DAY_MS)).toBe(42);
  expect(await other.sweep.wakeDue(wakeUp)).toMatchObject([{ runId: claimed.run.runId, kind: "timer" }]);
  expect(await ground.moveTo(Date.now())).toMatchObject({ aheadMs: ahead });
});

test("who lives is judged by real time there: a worker is not silent because days were skipped, and one that is gone is", async () => {
  await using ground = await openPostgresTestSchema(url);
  const { schema } = ground;
  await using store = await openPostgresStore({ url, schema, testClock: true });
  const [worker, judge] = ["worker_a", "worker_b"] as const;
  const beats = await Promise.all([worker, judge].map((owner) => store.workers.beat({ owner, logger: silentLogger })));
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`UPDATE "${schema}".workers SET steady_since = steady_since - 10000`);
  await ground.moveTo(Date.now() + 42 * DAY_MS);
  const { run } = await aClaimedRun(store, {}, worker);
  await ground.moveTo(Date.now() + 84 * DAY_MS);
  const rob = () => store.runs.claim({ runId: run.runId, wake: 0, owner: judge, started: anEvent("run.started") });

  expect(await rob()).toMatchObject({ claimed: undefined });
  await client.query(`UPDATE "${schema}".workers SET beat_at = beat_at - 4001 WHERE owner = $1`, [worker]);
  await beats[0]?.[Symbol.asyncDispose]();

  expect(await claim(store, run.runId, { owner: judge })).toMatchObject({ run: { attempt: 2 } });
  await beats[1]?.[Symbol.asyncDispose]();
  await client.end();
});

test("nothing is left of it", async () => {
  const ground = await openPostgresTestSchema(url);
  const client = new Client({ connectionString: url });
  await client.connect();
  const found = async () => (await client.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [ground.schema])).rowCount;

  expect(await found()).toBe(1);
  await ground[Symbol.asyncDispose]();

  expect(await found()).toBe(0);
  await client.end();
});
