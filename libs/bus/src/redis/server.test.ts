/** What the server's own life does to the bus: crashes, commands of people, full memory, old data. */
import { createClient } from "@redis/client";
import { newToken } from "@openvibe/core";
import { type RedisServer, startRedis } from "@openvibe/stack";
import { expect, test } from "vitest";
import type { Bus } from "../bus.ts";
import { all, anEvent, aWakeUp, eventually, freshOperatorId, freshRunId, Hands, thrownBy } from "../contract/support.ts";
import type { LoggedEvent } from "../event-log.ts";
import { openRedisBus } from "./bus.ts";
import type { RedisBusOptions } from "./options.ts";

const never = new AbortController().signal;

interface Place extends AsyncDisposable {
  readonly server: RedisServer;
  readonly bus: Bus;
  /** What somebody types into redis-cli. */
  type(...words: string[]): Promise<unknown>;
}

async function openPlace({
  settings,
  ...options
}: Partial<RedisBusOptions> & { readonly settings?: Readonly<Record<string, string>> } = {}): Promise<Place> {
  const server = await startRedis({ own: true, ...(settings === undefined ? {} : { settings }) });
  const bus = await openRedisBus({ url: server.url, name: "server test", ...options });
  return {
    server,
    bus,
    type: (...words) => typeTo(server, words),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function typeTo(server: RedisServer, words: readonly string[]): Promise<unknown> {
  const client = await createClient({ url: server.url, RESP: 2 }).connect();
  try {
    return await client.sendCommand(words);
  } finally {
    client.destroy();
  }
}

test("what was acknowledged is there after kill -9 of the server, and the bus goes on by itself", async () => {
  await using place = await openPlace({ holdMs: 500 });
  const { bus, server } = place;
  const [operatorId, runId] = [freshOperatorId(), freshRunId()];
  const heard: LoggedEvent[] = [];
  using _listening = await bus.log.listen((logged) => heard.push(logged));
  await using hands = new Hands(bus.queue, operatorId);
  await bus.queue.publish(aWakeUp({ operatorId, wake: 0 }));
  const held = await hands.at(0);
  const revision = await bus.buckets.bucket("context-kept").put("key", "kept");
  await Promise.all(Array.from({ length: 50 }, (_, sequence) => bus.log.append(anEvent({ runId, sequence }))));

  await server.kill();
  const meanwhile = [bus.queue.publish(aWakeUp({ operatorId, wake: 1 })), bus.log.append(anEvent({ runId, sequence: 50 }))];
  await server.start();
  await Promise.all(meanwhile);
  await hands.waitFor(3);
  await eventually(() => heard.length >= 51, "what was stored over the crash is heard");

  expect(held.wakeUp.wake).toBe(0);
  expect(
    hands.taken
      .slice(1)
      .map(({ wakeUp }) => wakeUp.wake)
      .toSorted(),
  ).toEqual([0, 1]);
  expect(await bus.buckets.bucket("context-kept").get("key")).toMatchObject({ value: "kept", revision });
  const stored = await all(bus.log.read(0, { runId }, never));
  expect(stored.map(({ event }) => event.sequence)).toEqual(Array.from({ length: 51 }, (_, sequence) => sequence));
  expect(heard.map(({ position }) => position)).toEqual(stored.map(({ position }) => position));
});

test("a server that somebody emptied is used on: takers, listeners and watches too", async () => {
  await using place = await openPlace();
  const { bus } = place;
  const operatorId = freshOperatorId();
  const heard: string[] = [];
  for (let sequence = 0; sequence < 20; sequence++) await bus.log.append(anEvent({ sequence }));
  using _listening = await bus.log.listen(({ event }) => heard.push(event.id));
  await using hands = new Hands(bus.queue, operatorId);
  await bus.queue.publish(aWakeUp({ operatorId, wake: 0 }));
  await hands.at(0);

  await place.type("FLUSHALL");
  await bus.queue.publish(aWakeUp({ operatorId, wake: 1 }));
  const event = anEvent();
  await bus.log.append(event);

  expect((await hands.at(1)).wakeUp.wake).toBe(1);
  await eventually(() => heard.includes(event.id), "a listener hears of positions that began anew");
  expect(await bus.log.bounds()).toEqual({ first: 1, last: 1 });
});

test.each([
  ["removed the stream", (stream: string) => [["DEL", stream]]],
  ["emptied the stream", (stream: string) => [["XTRIM", stream, "MAXLEN", "0"]]],
  ["removed whoever held it", (stream: string) => [["XGROUP", "DELCONSUMER", stream, "workers", "worker"]]],
])("a wake-up is stored again when it is published after somebody %s", async (_what, commands) => {
  await using place = await openPlace({ holdMs: 60_000 });
  const { bus } = place;
  const wakeUp = aWakeUp();
  const stream = `openvibe:activations:${wakeUp.operatorId}`;
  await using hands = new Hands(bus.queue, wakeUp.operatorId);
  await bus.queue.publish(wakeUp);
  await hands.at(0);

  const before = await bus.queue.publish(wakeUp);
  for (const words of commands(stream)) await place.type(...words);
  const after = await bus.queue.publish(wakeUp);

  expect([before, after]).toEqual(["already_there", "stored"]);
  expect((await hands.at(1)).wakeUp).toEqual(wakeUp);
});

test("a server that forgot the scripts is given them again", async () => {
  await using place = await openPlace();
  const runId = freshRunId();
  await place.type("SCRIPT", "FLUSH");

  const answers = await Promise.all(Array.from({ length: 200 }, (_, sequence) => place.bus.log.append(anEvent({ runId, sequence }))));
  const stored = await all(place.bus.log.read(0, { runId }, never));

  expect(new Set(answers)).toEqual(new Set(["stored"]));
  expect(stored.map(({ event }) => event.sequence)).toEqual(Array.from({ length: 200 }, (_, sequence) => sequence));
});

test("a server whose memory is full is OV_BUS_FULL, what lies there can still be taken and ended, and room is used again", async () => {
  await using place = await openPlace({ settings: { maxmemory: "0" } });
  const { bus } = place;
  const wakeUp = aWakeUp();
  await bus.queue.publish(wakeUp);
  await place.type("CONFIG", "SET", "maxmemory", "1");

  const errors = await Promise.all(
    [() => bus.queue.publish(aWakeUp()), () => bus.log.append(anEvent()), () => bus.buckets.bucket("full").put("key", 1)].map(thrownBy),
  );
  await place.type("CONFIG", "SET", "maxmemory", "0");
  await using hands = new Hands(bus.queue, wakeUp.operatorId);
  hands.done(await hands.at(0));

  expect(errors.map((error) => (error as { code?: string }).code)).toEqual(errors.map(() => "OV_BUS_FULL"));
  expect(await bus.log.append(anEvent())).toBe("stored");
});

test("a server that is a replica for a while, as in a failover, is waited for", async () => {
  await using place = await openPlace();
  const bucket = place.bus.buckets.bucket("failover");
  await place.type("REPLICAOF", "127.0.0.1", "1");

  const publishing = place.bus.queue.publish(aWakeUp());
  const appending = place.bus.log.append(anEvent());
  const refused = await thrownBy(() => bucket.put("key", 1));
  await place.type("REPLICAOF", "NO", "ONE");

  expect(await Promise.all([publishing, appending])).toEqual(["stored", "stored"]);
  expect(refused).toMatchObject({ code: "OV_BUS_UNAVAILABLE" });
  expect(await bucket.put("key", 1)).toBe(1);
});

test("events older than seven days are dropped, and their positions are not used again", async () => {
  await using place = await openPlace();
  const old = (days: number) => ["event", "{}", "type", "x", "run", "", "operator", "", "at", String(Date.now() - days * 86_400_000)];
  for (const days of [30, 8, 8]) await place.type("XADD", "openvibe:events", "0-*", ...old(days));
  await place.type("XADD", "openvibe:events", "0-*", ...old(6));

  await using later = await openRedisBus({ url: place.server.url, name: "later" });
  let bounds = await later.log.bounds();
  while (bounds.first === 1) bounds = await later.log.bounds();
  await place.type("XTRIM", "openvibe:events", "MAXLEN", "0");
  const empty = await later.log.bounds();
  await later.log.append(anEvent());

  expect(bounds).toEqual({ first: 4, last: 4 });
  expect(empty).toEqual({ first: 5, last: 4 });
  expect(await later.log.bounds()).toEqual({ first: 5, last: 5 });
});

test("more events than are kept push out the oldest, and a run's list passes over them", async () => {
  await using place = await openPlace({ maxEvents: 100 });
  const runId = freshRunId();
  await Promise.all(Array.from({ length: 1_000 }, (_, sequence) => place.bus.log.append(anEvent({ runId, sequence }))));

  const { first, last } = await place.bus.log.bounds();
  const kept = await all(place.bus.log.read(0, { runId }, never));

  expect(last).toBe(1_000);
  expect(first).toBeGreaterThan(700); // whole nodes of the stream go at a time
  expect(kept.map(({ position }) => position)).toEqual(Array.from({ length: last - first + 1 }, (_, index) => first + index));
});

test("an event of a run that was stored is not stored again, whoever asks", async () => {
  await using place = await openPlace();
  const runId = freshRunId();
  const events = [0, 1, 2].map((sequence) => anEvent({ runId, sequence }));
  for (const event of events) await place.bus.log.append(event);

  const again = await Promise.all(events.map((event) => place.bus.log.append(event)));

  expect(again).toEqual(events.map(() => "already_there"));
  expect(await place.bus.log.bounds()).toEqual({ first: 1, last: 3 });
});

test("two namespaces of one server know nothing of each other", async () => {
  await using place = await openPlace();
  await using other = await openRedisBus({ url: place.server.url, name: "other", namespace: "other" });
  const event = anEvent({ type: "run.completed" });
  const operatorId = freshOperatorId();
  const heard: unknown[] = [];
  using _listening = await other.signals.onControl({ verb: "wake" }, (signal) => heard.push(signal));
  await using _answering = await other.requests.answer(operatorId, "research", async () => 1);

  await place.bus.log.append(event);
  await place.bus.buckets.bucket("shared").put("key", 1);
  place.bus.signals.control({ operatorId, verb: "wake", runId: freshRunId(), body: {} });
  const asked = thrownBy(() =>
    place.bus.requests.ask(operatorId, "research", { body: 1, askId: "a", deadlineAt: Date.now() + 5_000 }, never),
  );

  expect(await asked).toMatchObject({ code: "OV_NO_RESPONDER" });
  expect(await other.log.bounds()).toEqual({ first: 1, last: 0 });
  expect(await other.log.append(event)).toBe("stored");
  expect(await other.buckets.bucket("shared").keys()).toEqual([]);
  expect(heard).toEqual([]);
  const names = (await place.type("KEYS", "*")) as string[];
  expect(names.filter((name) => !/^(openvibe|other):/.test(name))).toEqual([]);
});

test("what a run held when it ended is kept as short as its events: every key of a run has a lifetime", async () => {
  await using place = await openPlace();
  const runId = freshRunId();
  await place.bus.log.append(anEvent({ runId }));

  const leftMs = Number(await place.type("PTTL", `openvibe:events:run:${runId}`));

  expect(leftMs).toBeGreaterThan(7 * 86_400_000);
  expect(leftMs).toBeLessThanOrEqual(8 * 86_400_000);
});

test("an entry that is no wake-up goes to the dead letters, and the taker goes on", async () => {
  await using place = await openPlace();
  const wakeUp = aWakeUp();
  const stream = `openvibe:activations:${wakeUp.operatorId}`;
  await place.type("XADD", stream, "*", "wake", `explode.${wakeUp.runId}.0`);
  await place.type("XADD", stream, "*", "something", "else");
  await place.bus.queue.publish(wakeUp);

  await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
  hands.done(await hands.at(0));
  let letters = 0;
  while (letters < 2) letters = Number(await place.type("XLEN", "openvibe:dead_letters"));
  let left = -1;
  while (left !== 0) left = Number(await place.type("XLEN", stream));

  expect(hands.taken.map((delivery) => delivery.wakeUp)).toEqual([wakeUp]);
  expect(letters).toBe(2);
});

test("a cluster is refused", async () => {
  await using server = await startRedis({ settings: { "cluster-enabled": "yes" } });

  const error = await thrownBy(() => openRedisBus({ url: server.url, name: `cluster-${newToken()}` }));

  expect(error).toMatchObject({ code: "OV_BUS_CONFIG", message: expect.stringContaining("cluster") });
});

test("a login that is refused is told at once, without the password", async () => {
  await using server = await startRedis({ own: true });
  await typeTo(server, ["CONFIG", "SET", "requirepass", "right-one"]);
  const url = server.url.replace("//", "//:hunter2-hunter2@");
  const openedAt = Date.now();

  const error = await thrownBy(() => openRedisBus({ url, name: "stranger" }));
  await using bus = await openRedisBus({ url: server.url.replace("//", "//:right-one@"), name: "friend" });
  await bus.ping(1_000);

  expect(error).toMatchObject({ code: "OV_BUS_UNAVAILABLE", message: expect.stringContaining("refuses the login") });
  expect((error as Error).message).not.toContain("hunter2");
  expect(Date.now() - openedAt).toBeLessThan(5_000);
});
