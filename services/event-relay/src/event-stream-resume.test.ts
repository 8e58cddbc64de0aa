import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openMemoryBus } from "@openvibe/bus/memory";
import { describe, expect, test } from "vitest";
import { LOG_MARK_KEY } from "./log-mark.ts";
import { anEvent, appendMany } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { openMemoryGround, startRelay, watch } from "./test-rig/relay.ts";

const bodyOf = (message: { readonly data: string } | undefined) => JSON.parse(message?.data ?? "null");

describe("a client of the event stream that comes back", () => {
  test("loses nothing for a client that is cut before its first event", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    await ground.bus.log.append(anEvent());
    let chunks = 0;
    await using client = watch(relay.stream, { onBytes: (bytes) => (chunks++ === 0 ? bytes.length : undefined) });
    await client.connected;

    await appendMany(ground.bus.log, 5);

    await expect.poll(() => client.numbers()).toEqual([0, 1, 2, 3, 4]);
    expect(client.connections).toBe(2);
  });

  test("takes last_event_id from the query, and the header before it", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground);
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(ground.bus.log, 5);
    await expect.poll(() => first.messages.length).toBe(5);
    const at = (index: number) => first.messages[index]?.lastEventId ?? "";

    await using byQuery = watch(`${relay.stream}?last_event_id=${at(1)}`);
    await using byHeader = watch(`${relay.stream}?last_event_id=${at(0)}`, { lastEventId: at(3) });

    await expect.poll(() => byQuery.numbers()).toEqual([2, 3, 4]);
    await expect.poll(() => byHeader.numbers()).toEqual([4]);
  });

  test("sends exactly the missing ones, also when they are more than the ring or one page of the log holds", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { limits: { maxEntries: 10 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(ground.bus.log, 3);
    await expect.poll(() => first.messages.length).toBe(3);
    await appendMany(ground.bus.log, 1_700);

    await using back = watch(relay.stream, { lastEventId: first.messages[0]?.lastEventId ?? "" });

    await expect.poll(() => back.messages.length, { timeout: 5_000 }).toBe(1_702);
    expect(back.numbers()).toEqual([1, 2, ...Array.from({ length: 1_700 }, (_, n) => n)]);
  });

  test("says stream.gap, with the oldest cursor, when the log has forgotten what a client missed", async () => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const options = { limits: { maxEntries: 5, preload: 0 } };
    await using before = await startRelay({ ...ground, bus }, options);
    await using first = watch(before.stream);
    await first.connected;
    await appendMany(bus.log, 20);
    await expect.poll(() => first.messages.length).toBe(20);
    database.exec("DELETE FROM bus_events WHERE position <= 12"); // what a purge does
    await using after = await startRelay({ ...ground, bus }, options);

    await using back = watch(after.stream, { lastEventId: first.messages[4]?.lastEventId ?? "" });

    await expect.poll(() => back.messages.length).toBe(9);
    expect(back.types()[0]).toBe("stream.gap");
    expect(back.numbers().slice(1)).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
    const { oldest } = bodyOf(back.messages[0]).data;
    expect(back.messages[0]?.id).toBe(oldest);

    await using again = watch(after.stream, { lastEventId: oldest });
    await expect.poll(() => again.messages.length).toBe(8);
    expect(again.types()).not.toContain("stream.gap");
  });

  test.each([
    ["", ["stream.gap", "lead.qualified", "lead.qualified", "lead.qualified"]],
    ["?types=lead.*", ["stream.gap", "lead.qualified", "lead.qualified", "lead.qualified"]],
  ])("says stream.gap when a purge overtakes the reading of what was missed (%s)", async (query, expected) => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const log = new FaultyLog(bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: bus.signals } }, { limits: { maxEntries: 1, preload: 0 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(log, 10);
    await expect.poll(() => first.messages.length).toBe(10);
    log.onRead = () => database.exec("DELETE FROM bus_events WHERE position <= 7");

    await using back = watch(`${relay.stream}${query}`, { lastEventId: first.messages[2]?.lastEventId ?? "" });

    await expect.poll(() => back.types()).toEqual(expected);
    expect(back.numbers().slice(1)).toEqual([7, 8, 9]);
    expect(back.messages[0]?.id).toBeUndefined();
  });

  test("says stream.gap when a purge overtakes a client between two pages of what it missed", async () => {
    const database = new DatabaseSync(":memory:");
    await using ground = openMemoryGround();
    await using bus = openMemoryBus({ database });
    const log = new FaultyLog(bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: bus.signals } }, { limits: { maxEntries: 1, preload: 0 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(log, 1);
    await expect.poll(() => first.messages.length).toBe(1);
    await appendMany(log, 1_000);
    log.onReadEnd = () => database.exec("DELETE FROM bus_events WHERE position <= 900");

    await using back = watch(relay.stream, { lastEventId: first.messages[0]?.lastEventId ?? "" });

    await expect.poll(() => back.numbers().at(-1)).toBe(999);
    const gap = back.types().indexOf("stream.gap");
    expect(gap).toBeGreaterThan(100);
    expect(back.numbers().slice(0, gap)).toEqual(Array.from({ length: gap }, (_, n) => n));
    expect(back.numbers().slice(gap + 1)).toEqual(Array.from({ length: 101 }, (_, n) => 899 + n));
  });

  test("reads what a filter skips only once", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: ground.bus.signals } }, { limits: { maxEntries: 5 } });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(log, 1);
    await expect.poll(() => first.messages.length).toBe(1);
    await appendMany(log, 100);
    const before = log.reads;

    await using back = watch(`${relay.stream}?types=lead.lost`, { lastEventId: first.messages[0]?.lastEventId ?? "" });
    await back.connected;
    await sleep(50); // proves that it does not go on reading
    await log.append(anEvent({ type: "lead.lost" }));

    await expect.poll(() => back.types()).toEqual(["lead.lost"]);
    expect(log.reads - before).toBe(1);
  });

  test("says stream.reset to cursors of another epoch, another event and the future, and goes on from now", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { newEpoch: () => "epoch1" });
    await appendMany(ground.bus.log, 3);
    const reasons = {
      "epoch0.2.AAAAAAAA": "other_epoch",
      "epoch1.2.AAAAAAAA": "digest_mismatch",
      "epoch1.9.AAAAAAAA": "beyond_end",
      "epoch1.2.-": "digest_mismatch",
    };
    for (const [lastEventId, reason] of Object.entries(reasons)) {
      await using client = watch(relay.stream, { lastEventId });
      await expect.poll(() => client.messages.length).toBe(1);
      await ground.bus.log.append(anEvent({ data: { n: 77 } }));

      await expect.poll(() => client.types()).toEqual(["stream.reset", "lead.qualified"]);
      expect(bodyOf(client.messages[0]).data).toEqual({ reason, cursor: client.messages[0]?.id });
    }
  });

  test("says stream.reset to those who come back after the log was lost, and to those who are still there", async () => {
    await using ground = openMemoryGround();
    await using another = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await using relay = await startRelay({ ...ground, bus: { log, signals: ground.bus.signals } });
    await using client = watch(relay.stream);
    await client.connected;
    await appendMany(log, 40);
    await expect.poll(() => client.messages.length).toBe(40);

    await log.exchange(another.bus.log);
    await expect.poll(() => client.types().at(-1), { timeout: 5_000 }).toBe("stream.reset");
    await appendMany(log, 3);

    await expect.poll(() => client.numbers().slice(-3)).toEqual([0, 1, 2]);
    expect(bodyOf(client.messages[40]).data.reason).toBe("log_lost");
    await using back = watch(relay.stream, { lastEventId: client.messages[20]?.lastEventId ?? "" });
    await expect.poll(() => back.types()).toEqual(["stream.reset"]);
    await using fresh = watch(relay.stream, { lastEventId: client.messages[40]?.lastEventId ?? "" });
    await expect.poll(() => fresh.numbers()).toEqual([0, 1, 2]);
  });

  test("goes on exactly for a client whose cursor is ahead of what this relay has heard", async () => {
    await using ground = openMemoryGround();
    await using ahead = await startRelay(ground);
    const log = new FaultyLog(ground.bus.log);
    await using behind = await startRelay({ ...ground, bus: { log, signals: ground.bus.signals } }, { limits: { lookEveryMs: 300 } });
    log.loseEvery = 1;
    await using first = watch(ahead.stream);
    await first.connected;
    await appendMany(ground.bus.log, 3);
    await expect.poll(() => first.messages.length).toBe(3);

    await using back = watch(behind.stream, { lastEventId: first.messages[1]?.lastEventId ?? "" });

    await expect.poll(() => back.messages.length, { timeout: 3_000 }).toBe(1);
    expect(back.numbers()).toEqual([2]);
  });

  test("knows a cursor of an epoch that another relay has just begun", async () => {
    await using ground = openMemoryGround();
    await using relay = await startRelay(ground, { limits: { lookEveryMs: 60_000 }, newEpoch: () => "epoch1" });
    await using first = watch(relay.stream);
    await first.connected;
    await appendMany(ground.bus.log, 3);
    await expect.poll(() => first.messages.length).toBe(3);
    const cursors = first.messages.map(({ lastEventId }) => lastEventId.replace("epoch1", "epoch2"));
    const mark = await ground.store.settings.get(LOG_MARK_KEY);
    await ground.store.settings.replace(LOG_MARK_KEY, mark, cursors[2] ?? "");

    await using back = watch(relay.stream, { lastEventId: cursors[0] ?? "" });

    await expect.poll(() => back.numbers()).toEqual([1, 2]);
  });
});
