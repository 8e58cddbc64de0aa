import { describe, expect, test } from "vitest";
import { toLogFilter, toMatcher } from "./filters.ts";
import { History } from "./history.ts";
import { anEvent, appendMany } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { openMemoryGround } from "./test-rig/relay.ts";

function query(filter: Parameters<typeof toMatcher>[0] = {}) {
  return { filter: toLogFilter(filter), matches: toMatcher(filter), epoch: "epoch1", signal: new AbortController().signal };
}

describe("a page of history", () => {
  test("holds at most 500 events, and says how far it got", async () => {
    await using ground = openMemoryGround();
    await appendMany(ground.bus.log, 1_100);
    const history = new History(ground.bus.log);

    const pages = [await history.read(0, query()), await history.read(500, query()), await history.read(1_000, query())];

    expect(pages.map(({ entries, end }) => [entries.length, entries.at(-1)?.position, end])).toEqual([
      [500, 500, 500],
      [500, 1_000, 1_000],
      [100, 1_100, 1_100],
    ]);
  });

  test("holds at most about 512 KiB", async () => {
    await using ground = openMemoryGround();
    for (let n = 0; n < 20; n++) await ground.bus.log.append(anEvent({ data: { pad: "x".repeat(60_000) } }));

    const { entries, end } = await new History(ground.bus.log).read(0, query());

    expect([entries.length, end]).toEqual([9, 9]);
  });

  test("ends at the log's end when the filter skips the rest, and does not scan for ever in one go", async () => {
    await using ground = openMemoryGround();
    await appendMany(ground.bus.log, 5_500);
    const history = new History(ground.bus.log);

    const byLog = await history.read(0, query({ types: ["lead.lost"] }));
    const byPrefix = [await history.read(0, query({ types: ["deal.*"] })), await history.read(5_000, query({ types: ["deal.*"] }))];

    expect([byLog.entries.length, byLog.end]).toEqual([0, 5_500]);
    expect(byPrefix.map(({ entries, end }) => [entries.length, end])).toEqual([
      [0, 5_000],
      [0, 5_500],
    ]);
  });

  test("is read for eight clients at a time, so that a herd does not stand at the bus", async () => {
    await using ground = openMemoryGround();
    const log = new FaultyLog(ground.bus.log);
    await appendMany(log, 1);
    log.readDelayMs = 10;
    let now = 0;
    let most = 0;
    log.onRead = () => {
      most = Math.max(most, ++now);
    };
    log.onReadEnd = () => {
      now--;
    };
    const history = new History(log);

    const pages = await Promise.all(Array.from({ length: 30 }, () => history.read(0, query())));

    expect(pages.every(({ entries }) => entries.length === 1)).toBe(true);
    expect([most, now]).toEqual([8, 0]);
  });
});
