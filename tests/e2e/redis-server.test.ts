/** What a Redis server's own life does to the bus: crashes, a failover, full memory. Each test has a server of its own. */
import type { Bus, LoggedEvent } from "@openvibe/bus";
import { openRedisBus } from "@openvibe/bus/redis";
import { newRunId, type OpenVibeEvent, type RunId, toEvent, type WakeUp } from "@openvibe/core";
import { startRedis } from "@openvibe/stack";
import { createClient } from "@redis/client";
import { expect, test } from "vitest";
import { until } from "../support/e2e-until.ts";

const never = new AbortController().signal;
const wakeUpOf = (operatorId: string, wake: number): WakeUp => ({ operatorId, runId: newRunId(Date.now()), kind: "start", wake });

function eventsOf(runId: RunId, count: number): OpenVibeEvent[] {
  const run = { runId, operatorId: "crm", workflowId: "flow" };
  return Array.from({ length: count }, (_, sequence) =>
    toEvent(run, sequence, { type: "node.completed", time: "2026-11-22T10:30:00.000Z", data: {} }),
  );
}

async function openPlace({ holdMs = 5_000 }: { readonly holdMs?: number } = {}) {
  const server = await startRedis({ own: true });
  const bus = await openRedisBus({ url: server.url, name: "server test", holdMs });
  return {
    server,
    bus,
    /** What somebody types into redis-cli. */
    async type(...words: string[]) {
      const client = await createClient({ url: server.url, RESP: 2 }).connect();
      await client.sendCommand(words);
      client.destroy();
    },
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Takes all there is, and settles nothing. */
function takeAll(bus: Bus, operatorId: string) {
  const stop = new AbortController();
  const taken: number[] = [];
  const taking = (async () => {
    const slots = { free: 100, whenFree: async () => {} };
    for await (const { wakeUp } of bus.queue.take(operatorId, slots, stop.signal)) taken.push(wakeUp.wake);
  })();
  return {
    taken,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await taking;
    },
  };
}

test("what was acknowledged is there after kill -9 of the server, and the bus goes on by itself", async () => {
  await using place = await openPlace({ holdMs: 500 });
  const { bus, server } = place;
  const runId = newRunId(Date.now());
  const events = eventsOf(runId, 51);
  const heard: LoggedEvent[] = [];
  using _listening = await bus.log.listen((logged) => heard.push(logged));
  await using hands = takeAll(bus, "crm");
  await bus.queue.publish(wakeUpOf("crm", 0));
  await until("the first is taken", async () => hands.taken.length > 0);
  const bucket = bus.buckets.bucket("context-kept");
  const revision = await bucket.put("key", "kept");
  await Promise.all(events.slice(0, 50).map((event) => bus.log.append(event)));

  await server.kill();
  const takenBefore = hands.taken.length;
  const meanwhile = [bus.queue.publish(wakeUpOf("crm", 1)), bus.log.append(events[50] as OpenVibeEvent)];
  await server.start();
  await Promise.all(meanwhile);
  await until("both are taken", async () => new Set(hands.taken.slice(takenBefore)).size === 2);
  await until("what was stored over the crash is heard", async () => heard.length >= 51);

  expect(await bucket.get("key")).toMatchObject({ value: "kept", revision });
  const stored = await Array.fromAsync(bus.log.read(0, { runId }, never));
  expect(stored.map(({ event }) => event.sequence)).toEqual(events.map(({ sequence }) => sequence));
  expect(heard.map(({ position }) => position)).toEqual(stored.map(({ position }) => position));
});

test("a server that forgot the scripts is given them again", async () => {
  await using place = await openPlace();
  const runId = newRunId(Date.now());
  const events = eventsOf(runId, 200);
  await place.type("SCRIPT", "FLUSH");

  const revision = await place.bus.buckets.bucket("context-kept").put("key", 1);
  const answers = await Promise.all(events.map((event) => place.bus.log.append(event)));
  const stored = await Array.fromAsync(place.bus.log.read(0, { runId }, never));

  expect(revision).toBe(1);
  expect(new Set(answers)).toEqual(new Set(["stored"]));
  expect(stored.map(({ event }) => event.sequence)).toEqual(events.map(({ sequence }) => sequence));
});

test("a server whose memory is full is OV_BUS_FULL, and takes more once it has room", async () => {
  await using place = await openPlace();
  const { bus } = place;
  const [event] = eventsOf(newRunId(Date.now()), 1) as [OpenVibeEvent];
  await place.type("CONFIG", "SET", "maxmemory", "1");

  const attempts = [
    () => bus.queue.publish(wakeUpOf("crm", 0)),
    () => bus.log.append(event),
    () => bus.buckets.bucket("full").put("key", 1),
  ];
  const outcomes = await Promise.allSettled<unknown>(attempts.map((attempt) => attempt()));
  await place.type("CONFIG", "SET", "maxmemory", "0");

  expect(outcomes).toEqual(attempts.map(() => ({ status: "rejected", reason: expect.objectContaining({ code: "OV_BUS_FULL" }) })));
  expect(await bus.log.append(event)).toBe("stored");
  expect(await bus.queue.publish(wakeUpOf("crm", 0))).toBe("stored");
});

test("a server that is a replica for a while, as in a failover, is waited for; what must not be repeated is refused", async () => {
  await using place = await openPlace();
  const { bus } = place;
  const [event] = eventsOf(newRunId(Date.now()), 1) as [OpenVibeEvent];
  const bucket = bus.buckets.bucket("failover");
  for (let turn = 0; turn < 2; turn++) await bus.ping(1_000); // so that nothing of the opening is under way
  await place.type("REPLICAOF", "127.0.0.1", "1");

  const waiting = [bus.queue.publish(wakeUpOf("crm", 0)), bus.log.append(event)];
  const [refused] = await Promise.allSettled([bucket.put("key", 1)]);
  await place.type("REPLICAOF", "NO", "ONE");

  expect(await Promise.all(waiting)).toEqual(["stored", "stored"]);
  expect(refused).toMatchObject({ status: "rejected", reason: { code: "OV_BUS_UNAVAILABLE" } });
  expect(await bucket.put("key", 1)).toBe(1);
});

test("a cluster is refused", async () => {
  await using server = await startRedis({ settings: { "cluster-enabled": "yes" } });

  await expect(openRedisBus({ url: server.url, name: "cluster" })).rejects.toMatchObject({
    code: "OV_BUS_CONFIG",
    message: expect.stringContaining("cluster"),
  });
});
