/** The sweep (DESIGN §6 rule 6): what was lost between store and bus is said again. */
import type { Bus, Delivery, EventLog } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import {
  type Clock,
  type FinalStatus,
  type Logger,
  NO_METRICS,
  newRunId,
  OpenVibeError,
  type OpenVibeEvent,
  type PendingEvent,
  silentLogger,
  toIso,
  type WakeUp,
} from "@openvibe/core";
import { type Store, SWEEP_LIMIT } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { describe, expect, test, vi } from "vitest";
import { createScheduler, type SchedulerOptions } from "./scheduler.ts";

interface World extends AsyncDisposable {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock & { ms: number };
  start(options?: Partial<SchedulerOptions>): Promise<void>;
  /** Resolves when a sweep that has begun after now is over. */
  swept(): Promise<void>;
  stop(): Promise<void>;
  insert(more?: object): Promise<string>;
  claim(runId: string, owner: string): Promise<void>;
  /** Ends a run as its owner does who publishes nothing of it. */
  end(runId: string, status?: FinalStatus, ...more: PendingEvent[]): Promise<void>;
  events(runId: string): Promise<readonly OpenVibeEvent[]>;
  /** Takes a wake-up of the operator out of the queue, as soon as there is one. */
  take(): Promise<WakeUp>;
  /** Who beats. */
  beating(): readonly unknown[];
  /** Wake-ups that lie in the queue now. */
  takeAll(): Promise<readonly WakeUp[]>;
}

/** The same store; counts sweeps: the first thing that one asks, and the beginning of the pause behind it. */
function counting(store: Store, sweeps: { begun: number; ended: number }): Store {
  const { cancelOrphans, findUnsent, ...sweep } = store.sweep;
  return {
    ...store,
    sweep: {
      ...sweep,
      async cancelOrphans(request) {
        sweeps.begun++;
        return await cancelOrphans(request);
      },
      async findUnsent(request) {
        const found = await findUnsent(request);
        setTimeout(() => sweeps.ended++, 20); // what was found is published
        return found;
      },
    },
  };
}

/** The same bus with another event log, which still is the real one below. */
function withLog(bus: Bus, change: Partial<Pick<EventLog, "append" | "lastOf">>): Bus {
  const { log } = bus;
  return {
    ...bus,
    log: {
      append: (event) => log.append(event),
      lastOf: (runId) => log.lastOf(runId),
      at: (position) => log.at(position),
      bounds: () => log.bounds(),
      read: (...args) => log.read(...args),
      listen: (hear) => log.listen(hear),
      ...change,
    },
  };
}

const event = (type: string): PendingEvent => ({ type, time: toIso(0), data: {} });

function openWorld(): World {
  const clock = { ms: Date.parse("2026-11-22T10:00:00Z"), now: () => clock.ms };
  const store = openSqliteStore({ path: ":memory:", clock });
  const bus = openMemoryBus({ database: store.database, clock, holdMs: 60_000 });
  const sweeps = { begun: 0, ended: 0 };
  let stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const world: World = {
    store,
    bus,
    clock,
    async start(options = {}) {
      const ready = Promise.withResolvers<void>();
      stopping = new AbortController();
      const logger = options.logger ?? silentLogger;
      const counted = counting(options.store ?? store, sweeps);
      running = createScheduler({ bus, clock, ...options, store: counted, logger }).run(stopping.signal, ready.resolve);
      running.catch(ready.reject);
      await ready.promise;
    },
    async swept() {
      const next = sweeps.begun + 1;
      await until(() => expect(sweeps.ended).toBeGreaterThanOrEqual(next));
    },
    async stop() {
      stopping.abort();
      await running;
    },
    async insert(more = {}) {
      const runId = newRunId(clock.ms++);
      const common = { operatorId: "shop", workflowId: "w", trigger: "w", definition: "v", input: {}, ignoredInput: [], tags: {} };
      await store.runs.insert({ runId, ...common, event: event("run.queued"), ...more });
      return runId;
    },
    async claim(runId, owner) {
      const { claimed } = await store.runs.claim({ runId, wake: 0, owner });
      if (claimed === undefined) throw new Error("not claimed");
    },
    async end(runId, status = "completed", ...more) {
      const { claimed } = await store.runs.claim({ runId, wake: 0, owner: "ghost" });
      if (claimed === undefined) throw new Error("not claimed");
      const { run, outbox } = claimed;
      const events = [...outbox.events, ...more, event(`run.${status}`)];
      const write = { runId, attempt: run.attempt, step: 1, status, state: {}, position: null, metrics: NO_METRICS } as const;
      await store.runs.write({ ...write, outbox: { from: outbox.from, events } });
    },
    async events(runId) {
      const events: OpenVibeEvent[] = [];
      for await (const { event } of bus.log.read(0, { runId }, new AbortController().signal)) events.push(event);
      return events;
    },
    async take() {
      const [delivery] = await takeFrom(bus, 1);
      return delivery?.wakeUp as WakeUp;
    },
    beating: () => store.database.prepare("SELECT owner FROM workers").all(),
    takeAll: async () => (await takeFrom(bus)).map(({ wakeUp }) => wakeUp),
    async [Symbol.asyncDispose]() {
      await world.stop();
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
  return world;
}

/** Takes this many, or those that are there. */
async function takeFrom(bus: Bus, count?: number): Promise<readonly Delivery[]> {
  const enough = new AbortController();
  const taken: Delivery[] = [];
  const slots = { free: 1, whenFree: async () => {} };
  if (count === undefined) setTimeout(() => enough.abort(), 20);
  for await (const delivery of bus.queue.take("shop", slots, enough.signal)) if (taken.push(delivery) === count) enough.abort();
  for (const delivery of taken) delivery.done();
  return taken;
}

const until = <T>(condition: () => T | Promise<T>): Promise<T> => vi.waitFor(condition, { timeout: 10_000, interval: 5 });

/** Hears each sweep that failed. */
function hearing(): { readonly logger: Logger; readonly warnings: unknown[] } {
  const warnings: unknown[] = [];
  return { warnings, logger: { ...silentLogger, warn: (fields) => void warnings.push((fields as { err?: { code?: string } }).err?.code) } };
}

describe("a sweep", () => {
  test("publishes the wake-up of a run again that is queued for 5 s, and not before", async () => {
    await using world = openWorld();
    await world.start();
    await world.swept();
    const runId = await world.insert();
    world.clock.ms += 4_900;
    await world.swept();
    expect(await world.takeAll()).toEqual([]);

    world.clock.ms += 100;

    expect(await world.take()).toEqual({ operatorId: "shop", runId, kind: "start", wake: 0 });
  });

  test("says a wake-up again and again, in growing spans, as long as nobody claims it", async () => {
    await using world = openWorld();
    await world.start();
    await world.swept();
    const runId = await world.insert();
    world.clock.ms += 5_000;
    expect((await world.take()).runId).toBe(runId);

    world.clock.ms += 9_000;
    await world.swept();
    expect(await world.takeAll()).toEqual([]);
    world.clock.ms += 1_000;

    expect((await world.take()).runId).toBe(runId);
  });

  test("publishes wake-ups of running runs whose owner is gone or gave them back, not of those that somebody runs", async () => {
    await using world = openWorld();
    await using _alive = await world.store.workers.beat({ owner: "alive", logger: silentLogger });
    const [held, released, orphaned] = [await world.insert(), await world.insert(), await world.insert()];
    await world.claim(held, "alive");
    await world.claim(released, "alive");
    await world.store.runs.release({ runId: released, attempt: 1, owner: "alive" });
    await world.claim(orphaned, "dead");
    world.clock.ms += 4_000;

    await world.start();
    const taken = [await world.take(), await world.take()];

    expect(taken.map(({ runId }) => runId).toSorted()).toEqual([released, orphaned].toSorted());
    expect((await world.takeAll()).map(({ runId }) => runId)).not.toContain(held);
  });

  test("the first one over a store that is held alone takes everything, without waiting: who owned a run is dead", async () => {
    await using world = openWorld();
    const [queued, running] = [await world.insert(), await world.insert()];
    await world.claim(running, "before the restart");

    await world.start();
    const taken = [await world.take(), await world.take()];

    expect(taken.map(({ runId }) => runId).toSorted()).toEqual([queued, running].toSorted());
  });

  test("the first one does so for more runs than one question finds", async () => {
    await using world = openWorld();
    const runs = await Promise.all(Array.from({ length: SWEEP_LIMIT + 20 }, () => world.insert()));

    await world.start();
    const taken = await takeFrom(world.bus, runs.length);

    expect(taken.map(({ wakeUp }) => wakeUp.runId).toSorted()).toEqual(runs.toSorted());
  });

  test("the first one over a store that others hold too waits as any other", async () => {
    await using world = openWorld();
    await world.insert();

    await world.start({ store: { ...world.store, exclusive: false } });
    await world.swept();

    expect(await world.takeAll()).toEqual([]);
  });
});

describe("events that lie unsent in a run that nobody owns", () => {
  test("are published after 5 s with their ids and in order, the terminal one last and once, and only once", async () => {
    await using world = openWorld();
    await world.start();
    await world.swept();
    const runId = await world.insert();
    await world.end(runId, "completed", event("run.started"), event("lead.seen"));
    const told: string[] = [];
    using _hearing = await world.bus.signals.onControl({ verb: "wake", runId }, () => void told.push(runId));
    world.clock.ms += 4_900;
    await world.swept();
    expect(await world.events(runId)).toEqual([]);

    world.clock.ms += 100;
    const events = await until(async () => {
      const events = await world.events(runId);
      expect(events).toHaveLength(4);
      return events;
    });

    expect(events.map(({ id, type }) => `${id} ${type}`)).toEqual([
      `${runId}:0 run.queued`,
      `${runId}:1 run.started`,
      `${runId}:2 lead.seen`,
      `${runId}:3 run.completed`,
    ]);
    await until(() => expect(told).toEqual([runId]));
    world.clock.ms += 60_000;
    await world.swept();
    expect(await world.events(runId)).toHaveLength(4);
  });

  test("are published from where their owner stopped", async () => {
    await using world = openWorld();
    const runId = await world.insert();
    await world.end(runId, "failed", event("run.started"));
    const published = { runId, operatorId: "shop", workflowId: "w", nodeId: null, time: toIso(0), data: {} };
    await world.bus.log.append({ ...published, id: `${runId}:0`, sequence: 0, type: "run.queued" });
    await world.bus.log.append({ ...published, id: `${runId}:1`, sequence: 1, type: "run.started" });

    await world.start();

    await until(async () => expect((await world.events(runId)).map(({ sequence }) => sequence)).toEqual([0, 1, 2]));
  });

  test("are not held back by another run's events that the log refuses", async () => {
    await using world = openWorld();
    const { logger, warnings } = hearing();
    const poison = await world.insert();
    await world.end(poison);
    const fine = await world.insert();
    await world.end(fine);
    const bus = withLog(world.bus, {
      async append(event) {
        if (event.runId === poison) throw new OpenVibeError("OV_BODY_TOO_LARGE", "too large for this log");
        return await world.bus.log.append(event);
      },
    });

    await world.start({ bus, logger });

    await until(async () => expect(await world.events(fine)).toHaveLength(2));
    expect(warnings).toEqual(["OV_BODY_TOO_LARGE"]);
  });
});

describe("runs that belong together, told of each other by nobody", () => {
  /** A run that waits for a child of its own, whose events are sent. */
  const aParent = async (world: World, more: object = {}) => {
    const runId = await world.insert(more);
    const child = await world.insert({ parentRunId: runId, origin: `child:${runId}:all:0:0` });
    const { claimed } = await world.store.runs.claim({ runId, wake: 0, owner: "ghost" });
    if (claimed === undefined) throw new Error("not claimed");
    const data = { origin: `child:${runId}:all:0:`, total: 1, begun: 1, open: [child], fail_fast: false };
    const write = { runId, attempt: 1, step: 1, status: "waiting", state: {}, position: "all", metrics: NO_METRICS } as const;
    await world.store.runs.write({ ...write, outbox: claimed.outbox, interrupt: { kind: "child", node_id: "all", data } });
    await world.store.runs.markSent({ runId, sequence: 0 });
    return { runId, child };
  };

  test("a parent is woken when its child has ended", async () => {
    await using world = openWorld();
    const { runId, child } = await aParent(world);
    await world.end(child);

    await world.start();

    expect(await world.take()).toEqual({ operatorId: "shop", runId, kind: "child", wake: 1 });
    expect(await world.store.runs.find(runId)).toMatchObject({ status: "queued", wake: 1 });
  });

  test("a parent is left alone while its child has not", async () => {
    await using world = openWorld();
    const { runId } = await aParent(world);

    await world.start();
    await world.swept();

    expect(await world.store.runs.find(runId)).toMatchObject({ status: "waiting", wake: 0 });
  });

  test("a child is cancelled when its parent's deadline has passed", async () => {
    await using world = openWorld();
    const { runId, child } = await aParent(world, { deadline: world.clock.ms + 60_000 });
    await world.start();
    await world.swept();

    world.clock.ms += 60_000;

    await until(async () => expect(await world.store.runs.find(runId)).toMatchObject({ status: "timed_out" }));
    await until(async () => expect(await world.store.runs.find(child)).toMatchObject({ status: "cancelled" }));
    await until(async () => expect((await world.events(child)).at(-1)?.type).toBe("run.cancelled"));
  });
});

describe("a cancel that nobody carries out", () => {
  test("is carried out by the sweep when the run's owner is gone, and told", async () => {
    await using world = openWorld();
    const runId = await world.insert();
    await world.claim(runId, "dead");
    const asked = { type: "run.cancelled", time: toIso(0), data: {} };
    expect((await world.store.runs.cancel({ operatorId: "shop", runId, event: asked })).did).toBe("requested");

    await world.start();

    await until(async () => expect(await world.store.runs.find(runId)).toMatchObject({ status: "cancelled", attempt: 2 }));
    await until(async () => expect((await world.events(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.cancelled"]));
  });

  test("is left to an owner that lives", async () => {
    await using world = openWorld();
    await using _alive = await world.store.workers.beat({ owner: "alive", logger: silentLogger });
    const runId = await world.insert();
    await world.claim(runId, "alive");
    await world.store.runs.cancel({ operatorId: "shop", runId, event: event("run.cancelled") });
    world.clock.ms += 60_000;

    await world.start();
    await world.swept();

    expect(await world.store.runs.find(runId)).toMatchObject({ status: "running", cancelRequested: true });
  });
});

describe("an outage", () => {
  test.each(["OV_STORE_UNAVAILABLE", "OV_BUS_UNAVAILABLE", "OV_BUS_FULL"] as const)(
    "(%s) does not end the sweep, is said once, and what was due is done afterwards",
    async (code) => {
      await using world = openWorld();
      const { logger, warnings } = hearing();
      let away = 2;
      const failing = async <T>(call: () => Promise<T>) => {
        if (away > 0) {
          away--;
          throw new OpenVibeError(code, "away");
        }
        return await call();
      };
      const { findStuck, ...sweep } = world.store.sweep;
      const store =
        code === "OV_STORE_UNAVAILABLE"
          ? {
              ...world.store,
              sweep: { ...sweep, findStuck: (request: Parameters<typeof findStuck>[0]) => failing(() => findStuck(request)) },
            }
          : world.store;
      const { queue } = world.bus;
      const bus: Bus =
        code === "OV_STORE_UNAVAILABLE"
          ? world.bus
          : { ...world.bus, queue: { publish: (wakeUp) => failing(() => queue.publish(wakeUp)), take: (...args) => queue.take(...args) } };
      const runId = await world.insert();

      await world.start({ store, bus, logger });
      await until(() => {
        world.clock.ms += 1_000;
        expect(away).toBe(0);
      });
      world.clock.ms += 60_000;

      expect((await world.take()).runId).toBe(runId);
      expect(warnings).toEqual([code]);
    },
  );

  test("of the bus does not keep the store's own work from being done", async () => {
    await using world = openWorld();
    const [queued, orphan] = [await world.insert(), await world.insert()];
    await world.claim(orphan, "dead");
    await world.store.runs.cancel({ operatorId: "shop", runId: orphan, event: event("run.cancelled") });
    const { queue } = world.bus;
    const bus: Bus = {
      ...world.bus,
      queue: { publish: () => Promise.reject(new OpenVibeError("OV_BUS_UNAVAILABLE", "away")), take: (...args) => queue.take(...args) },
    };

    await world.start({ bus });

    await until(async () => {
      world.clock.ms += 61_000; // each sweep finds the wake-up, and cannot say it
      expect((await world.store.runs.find(orphan))?.status).toBe("cancelled");
    });
    expect((await world.store.runs.find(queued))?.status).toBe("queued");
  });
});

describe("retention", () => {
  const DAY_MS = 86_400_000;

  test("deletes runs that ended longer ago than they are kept, and no others", async () => {
    await using world = openWorld();
    const old = await world.insert();
    await world.end(old);
    await world.store.runs.markSent({ runId: old, sequence: 1 });
    const open = await world.insert();
    world.clock.ms += 20 * DAY_MS;
    const young = await world.insert();
    await world.end(young);
    world.clock.ms += 11 * DAY_MS;

    await world.start();

    await until(async () => expect(await world.store.runs.find(old)).toBeUndefined());
    expect(await world.store.runs.find(open)).toBeDefined();
    expect(await world.store.runs.find(young)).toBeDefined();
  });

  test("keeps a run whose events could not leave yet", async () => {
    await using world = openWorld();
    const runId = await world.insert();
    await world.end(runId);
    world.clock.ms += 31 * DAY_MS;
    const bus = withLog(world.bus, {
      append: () => Promise.reject(new OpenVibeError("OV_BODY_TOO_LARGE", "too large for this log")),
    });

    await world.start({ bus });
    await world.swept();

    expect(await world.store.runs.find(runId)).toBeDefined();
  });

  test("goes on at the next sweep when there is more than one purge takes", async () => {
    await using world = openWorld();
    const runs = await Promise.all(Array.from({ length: SWEEP_LIMIT + 20 }, () => world.insert()));
    for (const runId of runs) await world.end(runId);
    for (const runId of runs) await world.store.runs.markSent({ runId, sequence: 1 });
    world.clock.ms += 100;

    await world.start({ keepRunsMs: 10 });

    await until(async () => expect(await world.store.runs.list({}, { limit: 10 })).toEqual([]));
  });
});

describe("a deadline", () => {
  test("that passes while nobody takes the run ends it, tells it, and wakes who waits for it", async () => {
    await using world = openWorld();
    const runId = await world.insert({ deadline: world.clock.ms + 60_000 });
    await world.start();
    const woken: string[] = [];
    using _listening = await world.bus.signals.onControl({ verb: "wake" }, (signal) => void woken.push(signal.runId));
    await world.swept();
    expect(await world.store.runs.find(runId)).toMatchObject({ status: "queued" });

    world.clock.ms += 60_000;

    await until(async () =>
      expect(await world.store.runs.find(runId)).toMatchObject({ status: "timed_out", error: { code: "OV_RUN_TIMEOUT" } }),
    );
    await until(async () => expect((await world.events(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.timed_out"]));
    await until(() => expect(woken).toContain(runId));
  });
});

describe("a scheduler that stops", () => {
  test("ends, and beats no more", async () => {
    await using world = openWorld();
    await world.start();

    expect(world.beating()).toHaveLength(1);

    await world.stop();

    expect(world.beating()).toEqual([]);
  });
});
