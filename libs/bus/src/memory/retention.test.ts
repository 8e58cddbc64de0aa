import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { anEvent } from "../contract/support.ts";
import { openMemoryBus } from "./bus.ts";

const DAY_MS = 86_400_000;

/** A database whose bus is opened again as often as a test wants; opening drops what is too old. */
function aWorld() {
  const database = new DatabaseSync(":memory:");
  const clock = { ms: Date.parse("2026-11-22T10:00:00Z"), now: () => clock.ms };
  const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  return { database, clock, count, open: () => openMemoryBus({ database, clock }), [Symbol.dispose]: () => database.close() };
}

describe("the memory bus forgets", () => {
  test("events after seven days, however many, and never one between two that stay", async () => {
    using world = aWorld();
    {
      await using bus = world.open();
      await Promise.all(Array.from({ length: 4_500 }, () => bus.log.append(anEvent())));
      world.clock.ms += 5 * DAY_MS;
      await bus.log.append(anEvent());
      world.clock.ms -= 5 * DAY_MS; // the machine's clock was set back
      await bus.log.append(anEvent());
      world.clock.ms += 8 * DAY_MS;
    }

    await using bus = world.open();

    expect(world.count("bus_events")).toBe(2_502); // the rest goes bit by bit
    await expect.poll(() => world.count("bus_events")).toBe(2);
    expect(await bus.log.bounds()).toEqual({ first: 4_501, last: 4_502 });
  });

  test("dead letters after ninety days", async () => {
    using world = aWorld();
    {
      await using bus = world.open();
      await bus.signals.deadLetter({ operatorId: "shop", reason: "unknown_run", body: {} });
      world.clock.ms += 60 * DAY_MS;
      await bus.signals.deadLetter({ operatorId: "shop", reason: "unknown_run", body: {} });
      world.clock.ms += 31 * DAY_MS;
    }

    await using _bus = world.open();

    expect(world.count("bus_dead_letters")).toBe(1);
  });

  test("entries that outlived their bucket's time, and no others", async () => {
    using world = aWorld();
    {
      await using bus = world.open();
      await bus.buckets.bucket("registry", { ttlMs: 30_000 }).put("shop.worker-1", {});
      await bus.buckets.bucket("context-leads").put("acme", {});
      world.clock.ms += 29_000;
      await bus.buckets.bucket("registry").put("shop.worker-2", {});
      world.clock.ms += 1_000;
    }

    await using bus = world.open();

    expect(world.count("bus_entries")).toBe(2);
    expect(await bus.buckets.bucket("registry").keys()).toEqual(["shop.worker-2"]);
    expect(await bus.buckets.bucket("context-leads").keys()).toEqual(["acme"]);
  });
});
