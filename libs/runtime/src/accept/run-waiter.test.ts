import { setImmediate } from "node:timers/promises";
import type { Bus, ControlSignal } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import { type JsonObject, NO_METRICS, type Run, type RunId, silentLogger } from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { expect, test, vi } from "vitest";
import { type RunEnding, toToldEnd } from "../told-end.ts";
import { createRunWaiter, type RunWaiter } from "./run-waiter.ts";

interface World extends AsyncDisposable {
  readonly store: Store;
  readonly bus: Bus;
  readonly waiter: RunWaiter;
  readonly reads: RunId[];
  insert(runId: RunId): Promise<Run>;
  finish(runId: RunId): Promise<void>;
  wake(runId: RunId, body?: JsonObject): void;
}

const never = new AbortController().signal;
const LONG = 60_000; // beyond the test's own time: whoever waits for it fails

function aWorld(signals: Partial<Bus["signals"]> = {}, afterRead: () => Promise<void> = async () => {}): World {
  const store = openSqliteStore({ path: ":memory:" });
  const bus = openMemoryBus({ database: store.database });
  const reads: RunId[] = [];
  const heard = Object.assign(Object.create(bus.signals) as Bus["signals"], {
    onControl: bus.signals.onControl.bind(bus.signals),
    ...signals,
  });
  const runs = {
    find: async (runId: RunId) => {
      reads.push(runId);
      const run = await store.runs.find(runId);
      await afterRead();
      return run;
    },
  };
  const waiter = createRunWaiter({ runs, signals: heard, logger: silentLogger });
  return {
    store,
    bus,
    waiter,
    reads,
    async insert(runId) {
      const event = { type: "run.queued", time: "2026-11-22T00:00:00.000Z", data: {} };
      const { run } = await store.runs.insert({
        runId,
        operatorId: "hello",
        workflowId: "greet",
        trigger: "greet",
        definition: "v1",
        input: {},
        ignoredInput: [],
        tags: {},
        event,
      });
      return run;
    },
    async finish(runId) {
      await store.runs.claim({ runId, wake: 0, owner: "w-1" });
      const outbox = { from: 1, events: [] };
      await store.runs.write({
        runId,
        attempt: 1,
        step: 1,
        status: "completed",
        state: {},
        position: null,
        metrics: NO_METRICS,
        outbox,
        output: { greeting: "hi" },
      });
    },
    wake(runId, body = {}) {
      bus.signals.control({ operatorId: "hello", verb: "wake", runId, body });
    },
    async [Symbol.asyncDispose]() {
      waiter[Symbol.dispose]();
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

test("a run that has ended is given at once", async () => {
  await using world = aWorld();
  await world.insert("run_1");
  await world.finish("run_1");

  const run = await world.waiter.wait("run_1", { timeoutMs: LONG, signal: never });

  expect(run).toMatchObject({ status: "completed", output: { greeting: "hi" } });
});

test("a signal ends the wait at once, with one read of a run that was just inserted", async () => {
  await using world = aWorld();
  const listeningSince = await world.waiter.listen();
  const run = await world.insert("run_1");

  const waiting = world.waiter.wait("run_1", {
    timeoutMs: LONG,
    signal: never,
    ...(listeningSince === undefined ? {} : { inserted: { run, listeningSince } }),
  });
  await world.finish("run_1");
  const toldAt = performance.now();
  world.wake("run_1");

  expect((await waiting)?.status).toBe("completed");
  expect(performance.now() - toldAt).toBeLessThan(500);
  expect(world.reads).toEqual(["run_1"]);
});

test.each([
  ["just before", 0],
  ["long before", 300],
])("a run that ended %s the wait for it began is read at once", async (_, signalsBetween) => {
  await using world = aWorld();
  const listeningSince = await world.waiter.listen();
  const run = await world.insert("run_1");
  await world.finish("run_1");
  world.wake("run_1");
  for (let index = 0; index < signalsBetween; index++) world.wake(`run_other_${index}`);
  await setImmediate();

  const waitedFrom = performance.now();
  const ended = await world.waiter.wait("run_1", {
    timeoutMs: LONG,
    signal: never,
    ...(listeningSince === undefined ? {} : { inserted: { run, listeningSince } }),
  });

  expect(ended?.status).toBe("completed");
  expect(performance.now() - waitedFrom).toBeLessThan(500);
});

const END: RunEnding = {
  ...{ status: "completed", step: 2, output: { greeting: "told" }, error: null },
  ...{ metrics: { ...NO_METRICS, llm_calls: 1 }, completedAt: Date.UTC(2026, 10, 22) },
};

test("an end that the signal tells needs no reading, where this caller knows how the run began", async () => {
  await using world = aWorld();
  const listeningSince = (await world.waiter.listen()) ?? expect.fail("nothing is heard");
  const run = await world.insert("run_1");
  await world.insert("run_2");

  const waiting = world.waiter.wait("run_1", { timeoutMs: LONG, signal: never, inserted: { run, listeningSince } });
  const other = world.waiter.wait("run_2", { timeoutMs: LONG, signal: never });
  await vi.waitUntil(() => world.reads.length === 1);
  for (const runId of ["run_1", "run_2"]) await world.finish(runId);
  for (const runId of ["run_1", "run_2"]) world.wake(runId, toToldEnd(END));

  expect(await waiting).toEqual({ ...run, ...END });
  expect((await other)?.output).toEqual({ greeting: "hi" });
  expect(world.reads).toEqual(["run_2", "run_2"]);
});

test("what a signal tells otherwise is not believed: the run is read", async () => {
  await using world = aWorld();
  const listeningSince = (await world.waiter.listen()) ?? expect.fail("nothing is heard");
  const run = await world.insert("run_1");
  const waiting = world.waiter.wait("run_1", { timeoutMs: LONG, signal: never, inserted: { run, listeningSince } });
  await world.finish("run_1");

  world.wake("run_1", { end: { status: "completed" } });

  expect((await waiting)?.output).toEqual({ greeting: "hi" });
  expect(world.reads).toEqual(["run_1"]);
});

test("a signal that comes while the run is being read is not lost", async () => {
  const read = Promise.withResolvers<void>();
  await using world = aWorld({}, () => read.promise);
  await world.waiter.listen();
  await world.insert("run_1");

  const waiting = world.waiter.wait("run_1", { timeoutMs: LONG, signal: never });
  const toldAt = performance.now();
  await vi.waitUntil(() => world.reads.length === 1);
  await world.finish("run_1");
  world.wake("run_1");
  read.resolve();

  expect((await waiting)?.status).toBe("completed");
  expect(performance.now() - toldAt).toBeLessThan(500);
});

test("without any signal the end is found by reading every second", async () => {
  await using world = aWorld();
  await world.insert("run_1");

  const waiting = world.waiter.wait("run_1", { timeoutMs: LONG, signal: never });
  await vi.waitUntil(() => world.reads.length === 1);
  await world.finish("run_1");

  expect((await waiting)?.status).toBe("completed");
});

test("a bus that cannot be heard, or never answers, takes nothing but speed", async () => {
  for (const onControl of [() => Promise.reject(new Error("away")), () => new Promise<Disposable>(() => {})]) {
    await using world = aWorld({ onControl });
    await world.insert("run_1");

    const waiting = world.waiter.wait("run_1", { timeoutMs: LONG, signal: never });
    await world.finish("run_1");

    expect((await waiting)?.status).toBe("completed");
  }
});

test("when time is up, or the caller goes, the run is given as it is", async () => {
  await using world = aWorld();
  await world.insert("run_1");
  const gone = new AbortController();

  const late = world.waiter.wait("run_1", { timeoutMs: 20, signal: never });
  const left = world.waiter.wait("run_1", { timeoutMs: LONG, signal: gone.signal });
  await vi.waitUntil(() => world.reads.length >= 2);
  gone.abort();

  expect((await late)?.status).toBe("queued");
  expect((await left)?.status).toBe("queued");
});

test("a run that does not exist is not waited for", async () => {
  await using world = aWorld();

  expect(await world.waiter.wait("run_none", { timeoutMs: LONG, signal: never })).toBeUndefined();
});

test("all waits share one listener", async () => {
  let listeners = 0;
  const onControl = async (_filter: object, _hear: (signal: ControlSignal) => void) => {
    listeners++;
    return { [Symbol.dispose]() {} };
  };
  await using world = aWorld({ onControl });
  await world.insert("run_1");

  await Promise.all([1, 2, 3].map(() => world.waiter.wait("run_1", { timeoutMs: 10, signal: never })));

  expect(listeners).toBe(1);
});
