import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openMemoryBus } from "@openvibe/bus/memory";
import { silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { EventHub, type HubOptions } from "./hub.ts";
import { LOG_MARK_KEY } from "./log-mark.ts";
import { anEvent, appendMany } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { openMemoryGround } from "./test-rig/relay.ts";

async function startHub(log: FaultyLog, ground: ReturnType<typeof openMemoryGround>, options: Partial<HubOptions> = {}) {
  const hub = new EventHub({ log, settings: ground.store.settings, logger: silentLogger, lookEveryMs: 20, ...options });
  await hub.start();
  const offered: number[] = [];
  let interruptions = 0;
  const listener = { offer: ({ position }: { position: number }) => void offered.push(position), interrupt: () => void interruptions++ };
  hub.attach(listener, undefined);
  return { hub, offered, interruptions: () => interruptions, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe("the hub", () => {
  test("tells every event once and in order although every seventh notice is lost", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground, { lookEveryMs: 60_000 }); // a jump alone must be enough
    log.loseEvery = 7;

    await appendMany(log, 1_000);

    await expect.poll(() => started.offered.length, { timeout: 5_000 }).toBe(1_000);
    expect(started.offered).toEqual(upTo(1_000));
    expect(log.lost).toBeGreaterThan(100);
  });

  test("does not take for a hole what was lost while it read", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground);
    log.loseEvery = 7;
    log.readDelayMs = 20;

    for (let n = 0; n < 40; n++) {
      await appendMany(log, 20);
      await sleep(5); // the reads take four times as long: more is lost before each one is done
    }

    await expect.poll(() => started.offered.length, { timeout: 5_000 }).toBe(800);
    expect(started.offered).toEqual(upTo(800));
  });

  test("goes on across a real hole in the log", async () => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const log = new FaultyLog(bus.log);
    await using started = await startHub(log, ground);
    await appendMany(log, 3);
    database.exec(
      "INSERT INTO bus_events (type, terminal, stored_at, event) VALUES ('x', 0, 0, '{}'); DELETE FROM bus_events WHERE position = 4",
    );

    await appendMany(log, 2);

    await expect.poll(() => started.offered, { timeout: 2_000 }).toEqual([1, 2, 3, 5, 6]);
  });

  test("finds a last message that was lost, without another one to show the gap", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground);
    log.loseEvery = 1;

    await log.append(anEvent());

    await expect.poll(() => started.offered, { timeout: 2_000 }).toEqual([1]);
  });

  test("waits with what it hears until what is missing before it can be read", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground);
    log.loseEvery = 2;
    log.isDown = true;

    await log.append(anEvent());
    await log.append(anEvent());
    await log.append(anEvent());
    await sleep(60); // proves that nothing is told across the gap
    expect(started.offered).toEqual([1]);
    log.isDown = false;

    await expect.poll(() => started.offered, { timeout: 2_000 }).toEqual([1, 2, 3]);
  });

  test("begins with the newest of what is there, and raises the mark in the store", async () => {
    await using ground = openMemoryGround();
    await appendMany(ground.bus.log, 50);
    await using started = await startHub(new FaultyLog(ground.bus.log), ground, { preload: 10 });

    expect([...started.hub.after(0)].map(({ position }) => position)).toEqual([41, 42, 43, 44, 45, 46, 47, 48, 49, 50]);
    await ground.bus.log.append(anEvent());
    await expect.poll(() => ground.store.settings.get(LOG_MARK_KEY)).toBe(started.hub.lastCursor);
    expect(started.hub.last).toBe(51);
  });

  test("skips what would not stay in the ring anyway, and says so to whoever listened", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground, { maxEntries: 20 });
    log.loseEvery = 1;
    await appendMany(log, 100);

    await expect.poll(() => started.hub.last, { timeout: 2_000 }).toBe(100);
    expect(started.interruptions()).toBeGreaterThan(0);
    expect([...started.hub.after(0)]).toHaveLength(20);
  });

  test("begins a new epoch when the log is exchanged under it, once for all relays of the store", async () => {
    await using ground = openMemoryGround();
    await using another = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using one = await startHub(log, ground);
    await using two = await startHub(log, ground);
    await appendMany(log, 30);
    await expect.poll(() => two.hub.last).toBe(30);
    const { epoch } = one.hub.era;
    expect(two.hub.era.epoch).toBe(epoch);

    await log.exchange(another.bus.log);
    await log.append(anEvent());

    await expect.poll(() => [one.hub.era.number, two.hub.era.number], { timeout: 5_000 }).toEqual([2, 2]);
    expect(one.hub.era.epoch).toBe(two.hub.era.epoch);
    expect(one.hub.era.epoch).not.toBe(epoch);
    await log.append(anEvent());
    await expect.poll(() => [one.hub.last, two.hub.last]).toEqual([2, 2]);
  });

  test("takes over an epoch that another relay began, even if it saw no loss itself", async () => {
    await using ground = openMemoryGround();
    await using started = await startHub(new FaultyLog(ground.bus.log), ground);
    await appendMany(ground.bus.log, 3);
    await expect.poll(() => ground.store.settings.get(LOG_MARK_KEY)).toBe(started.hub.lastCursor);

    await ground.store.settings.replace(LOG_MARK_KEY, started.hub.lastCursor, started.hub.lastCursor.replace(/^[^.]*/, "epoch2"));

    await expect.poll(() => started.hub.era).toMatchObject({ number: 2, epoch: "epoch2", position: 3 });
  });

  test("notices a log that was exchanged for a longer one", async () => {
    await using ground = openMemoryGround();
    await using another = openMemoryGround();
    await appendMany(another.bus.log, 60);
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground);
    await appendMany(log, 30);
    const { epoch } = started.hub.era;

    await log.exchange(another.bus.log);

    await expect.poll(() => started.hub.era.epoch, { timeout: 5_000 }).not.toBe(epoch);
  });

  test.each([
    ["shorter", 5],
    ["longer", 40],
  ])("begins a new epoch at its start when the log is not the one of the store's mark but %s", async (_, events) => {
    await using ground = openMemoryGround();
    await using another = openMemoryGround();
    await appendMany(ground.bus.log, 20);
    let epoch: string;
    {
      await using before = await startHub(new FaultyLog(ground.bus.log), ground);
      epoch = before.hub.era.epoch;
      await before.hub.look();
    }
    await appendMany(another.bus.log, events);

    await using same = await startHub(new FaultyLog(ground.bus.log), ground);
    expect(same.hub.era.epoch).toBe(epoch);
    await using after = await startHub(new FaultyLog(another.bus.log), ground);

    expect(after.hub.era.epoch).not.toBe(epoch);
    expect(after.hub.last).toBe(events);
  });

  test("keeps an epoch through a look at the log that shows too little for a moment", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using started = await startHub(log, ground);
    await appendMany(log, 10);
    const { epoch } = started.hub.era;
    let looks = 0;
    log.bounds = async () => (looks++ < 1 ? { first: 1, last: 3 } : ground.bus.log.bounds());

    await started.hub.look();

    expect(looks).toBeGreaterThan(1);
    expect(started.hub.era.epoch).toBe(epoch);
  });
});
