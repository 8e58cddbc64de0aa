/** Runs by the clock beside the sweep: as every other run, whatever the bus does. */
import { openMemoryBus } from "@openvibe/bus/memory";
import { cronOrigin, manifestVersion, type OperatorManifest, silentLogger } from "@openvibe/core";
import { createAcceptor } from "@openvibe/runtime";
import type { Scheduler } from "@openvibe/scheduler";
import { createCronScheduler } from "@openvibe/scheduler/cron";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { expect, test, vi } from "vitest";
import { createScheduler } from "./scheduler.ts";
import { startSlotBy } from "./start-slot.ts";

const shop: OperatorManifest = {
  id: "shop",
  name: "Shop",
  answers: {},
  workflows: [
    { id: "count", triggers: [{ id: "nightly", on: "cron:0 3 * * *" }], state_fields: ["n"], input_schema: { type: "object" }, steps: [] },
  ],
};
const SLOT = Date.UTC(2026, 10, 22, 3);

async function openWorld() {
  const clock = { ms: SLOT - 500, now: () => clock.ms };
  const store = openSqliteStore({ path: ":memory:" });
  const bus = openMemoryBus({ database: store.database });
  await store.manifests.register(shop, manifestVersion(shop));
  const acceptor = createAcceptor({ store, bus, clock, logger: silentLogger });
  const slots = createCronScheduler({ store, start: startSlotBy(acceptor), clock, logger: silentLogger });
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  return {
    store,
    bus,
    clock,
    slots,
    run(looked: Scheduler = slots) {
      running = createScheduler({ store, bus, clock, logger: silentLogger, slots: looked }).run(stop.signal);
    },
    begun: () => vi.waitFor(async () => expect(await store.schedules.list()).toHaveLength(1), { timeout: 10_000 }),
    started: () => vi.waitFor(async () => expect(await store.runs.list({}, { limit: 9 })).toHaveLength(1), { timeout: 10_000 }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await acceptor[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

test("a slot's run is accepted under its cause, with its time as a tag, and told to the workers", async () => {
  await using world = await openWorld();
  world.run();
  await world.begun();
  const heard = new AbortController();
  world.clock.ms += 1_000;

  await world.started();
  const slots = { free: 1, whenFree: async () => {} };
  for await (const { wakeUp } of world.bus.queue.take("shop", slots, heard.signal)) {
    expect(wakeUp).toMatchObject({ operatorId: "shop", kind: "start", wake: 0 });
    heard.abort();
  }

  const [run] = await world.store.runs.list({}, { limit: 9 });
  expect(run).toMatchObject({
    trigger: "nightly",
    workflowId: "count",
    input: {},
    tags: { slot: "2026-11-22T03:00:00.000Z" },
    status: "queued",
  });
  expect(await world.store.runs.hasCause({ origin: cronOrigin("shop", "nightly", SLOT) })).toBe(true);
});

test("it is accepted while the bus is away: the sweep tells it later", async () => {
  await using world = await openWorld();
  world.run();
  await world.begun();
  await world.bus[Symbol.asyncDispose]();
  world.clock.ms += 1_000;

  await world.started();
});

test("a look that fails is followed by another", async () => {
  await using world = await openWorld();
  let looks = 0;
  world.run({
    ...world.slots,
    async look() {
      if (looks++ === 0) throw new Error("on purpose");
      await world.slots.look();
    },
  });

  await world.begun();
});
