/** What people and time do to what lies on the server, in a namespace of its own. */
import { createClient } from "@redis/client";
import { newToken } from "@openvibe/core";
import { expect, inject, test } from "vitest";
import type { Bus } from "../bus.ts";
import { all, anEvent, aWakeUp, eventually, freshOperatorId, freshRunId, Hands, thrownBy } from "../contract/support.ts";
import { openRedisBus } from "./bus.ts";
import type { RedisBusOptions } from "./options.ts";

const never = new AbortController().signal;

interface Place extends AsyncDisposable {
  readonly namespace: string;
  readonly bus: Bus;
  /** What somebody types into redis-cli. */
  type(...words: string[]): Promise<unknown>;
  /** Another bus in the same namespace, or in another. */
  open(options?: Partial<RedisBusOptions>): Promise<Bus>;
}

async function openPlace(options: Partial<RedisBusOptions> = {}): Promise<Place> {
  const url = inject("redisUrl");
  const namespace = `test_${newToken()}`;
  const open = (more: Partial<RedisBusOptions> = {}) => openRedisBus({ url, name: "server test", namespace, ...options, ...more });
  const bus = await open();
  const client = await createClient({ url, RESP: 2 }).connect();
  return {
    namespace,
    bus,
    open,
    type: (...words) => client.sendCommand(words),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      client.destroy();
    },
  };
}

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

  await place.type("DEL", ...((await place.type("KEYS", `${place.namespace}:*`)) as string[]));
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
  const stream = `${place.namespace}:activations:${wakeUp.operatorId}`;
  await using hands = new Hands(bus.queue, wakeUp.operatorId);
  await bus.queue.publish(wakeUp);
  await hands.at(0);

  const before = await bus.queue.publish(wakeUp);
  for (const words of commands(stream)) await place.type(...words);
  const after = await bus.queue.publish(wakeUp);

  expect([before, after]).toEqual(["already_there", "stored"]);
  expect((await hands.at(1)).wakeUp).toEqual(wakeUp);
});

test("events older than seven days are dropped, and their positions are not used again", async () => {
  await using place = await openPlace();
  const old = (days: number) => ["event", "{}", "type", "x", "run", "", "operator", "", "at", String(Date.now() - days * 86_400_000)];
  for (const days of [30, 8, 8]) await place.type("XADD", `${place.namespace}:events`, "0-*", ...old(days));
  await place.type("XADD", `${place.namespace}:events`, "0-*", ...old(6));

  await using later = await place.open();
  let bounds = await later.log.bounds();
  while (bounds.first === 1) bounds = await later.log.bounds();
  await place.type("XTRIM", `${place.namespace}:events`, "MAXLEN", "0");
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
  await using other = await place.open({ namespace: `test_${newToken()}` });
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
});

test("what a run held when it ended is kept as short as its events: every key of a run has a lifetime", async () => {
  await using place = await openPlace();
  const runId = freshRunId();
  await place.bus.log.append(anEvent({ runId }));

  const leftMs = Number(await place.type("PTTL", `${place.namespace}:events:run:${runId}`));

  expect(leftMs).toBeGreaterThan(7 * 86_400_000);
  expect(leftMs).toBeLessThanOrEqual(8 * 86_400_000);
});

test("an entry that is no wake-up goes to the dead letters, and the taker goes on", async () => {
  await using place = await openPlace();
  const wakeUp = aWakeUp();
  const stream = `${place.namespace}:activations:${wakeUp.operatorId}`;
  await place.type("XADD", stream, "*", "wake", `explode.${wakeUp.runId}.0`);
  await place.type("XADD", stream, "*", "something", "else");
  await place.bus.queue.publish(wakeUp);

  await using hands = new Hands(place.bus.queue, wakeUp.operatorId);
  hands.done(await hands.at(0));
  let letters = 0;
  while (letters < 2) letters = Number(await place.type("XLEN", `${place.namespace}:dead_letters`));
  let left = -1;
  while (left !== 0) left = Number(await place.type("XLEN", stream));

  expect(hands.taken.map((delivery) => delivery.wakeUp)).toEqual([wakeUp]);
  expect(letters).toBe(2);
});

test("a login that is refused is told at once, without the password", async () => {
  await using place = await openPlace();
  await place.type("ACL", "SETUSER", place.namespace, "on", ">right-one", "~*", "&*", "+@all");
  const urlOf = (password: string) => inject("redisUrl").replace("//", `//${place.namespace}:${password}@`);
  const openedAt = Date.now();

  const error = await thrownBy(() => place.open({ url: urlOf("hunter2-hunter2") }));
  await using friend = await place.open({ url: urlOf("right-one") });
  await friend.ping(1_000);

  expect(error).toMatchObject({ code: "OV_BUS_UNAVAILABLE", message: expect.stringContaining("refuses the login") });
  expect((error as Error).message).not.toContain("hunter2");
  expect(Date.now() - openedAt).toBeLessThan(5_000);
});

test.each(["http://redis:6379", "redis", "redis://", "redis://redis:6379/path"])("the address %j is refused", async (url) => {
  const error = await thrownBy(() => openRedisBus({ url, name: "nobody" }));

  expect(error).toMatchObject({ code: "OV_CONFIG_INVALID", message: expect.stringContaining("redis://host:6379") });
});
