/** Relays are killed while they send: every event that matches arrives, always under one id, at a receiver that fails and is slow besides. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@openvibe/stack";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { createClient } from "../support/e2e-client.ts";
import { until } from "../support/e2e-until.ts";
import { startLoad } from "../support/load.ts";
import { startMesh } from "../support/mesh.ts";
import { createRandom } from "../support/random.ts";
import { hurryDeliveries, startReceiver } from "../support/webhook-receiver.ts";

const RUNS = 50;
const STRIKES = 3;

test("three kills of relays under load lose no webhook, and none arrives under two ids or changed", async () => {
  const random = createRandom();
  process.stdout.write(`seed ${random.seed} (repeat with OPENVIBE_TEST_SEED)\n`);
  await using mesh = await startMesh();
  const port = await freePort();
  await Promise.all([
    mesh.start("worker"),
    mesh.start("gateway", { port }),
    mesh.start("event-relay"),
    mesh.start("event-relay"),
    mesh.start("scheduler"),
  ]);
  const client = createClient(`http://127.0.0.1:${port}`);
  await using receiver = await startReceiver(() => random.between(0, 10) < 2);
  const { body } = await client.call<{ subscription_id: string; secret: string }>("POST", "/v1/events/subscribe", {
    ...{ url: receiver.url, types: ["run.completed", "node.completed"] },
  });

  const { log, done } = startLoad({ urls: [client.url], count: RUNS, everyMs: 60, pauseMs: 20 });
  for (let strike = 0; strike < STRIKES; strike++) {
    await sleep(random.between(600, 1_200));
    await random.pick(mesh.living("event-relay")).kill();
    await mesh.start("event-relay");
  }
  await done;

  const wanted: string[] = [];
  for (const { runId } of log.accepted) {
    await until(`run ${runId} ends`, async () => (await client.get("load", runId)).completed_at !== null, 60_000);
    const events = await client.events("load", runId);
    wanted.push(...events.filter(({ type }) => ["run.completed", "node.completed"].includes(type)).map(({ id }) => id));
  }
  expect(await hurryDeliveries(mesh.databaseUrl, receiver, wanted, 60_000)).toBe(true);

  const bodies = new Map<string, Set<string>>();
  for (const { id, body: text, headers } of receiver.received) {
    expect(new Webhook(body.secret).verify(text, headers)).toMatchObject({ id });
    bodies.set(id, (bodies.get(id) ?? new Set()).add(text));
  }
  expect(log.accepted).toHaveLength(RUNS);
  expect(wanted.length).toBeGreaterThan(RUNS * 4);
  expect(new Set(receiver.taken)).toEqual(new Set(wanted));
  expect([...bodies.values()].every((texts) => texts.size === 1)).toBe(true);
  const path = `/v1/events/subscriptions/${body.subscription_id}/deliveries?status=dead_lettered`;
  expect((await client.call("GET", path)).body).toMatchObject({ data: [] });
  process.stdout.write(`webhooks: ${wanted.length} events, ${receiver.received.length} requests, ${STRIKES} kills\n`);
});
