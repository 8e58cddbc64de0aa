import { expect, test } from "vitest";
import { LogPosition } from "./log-position.ts";
import { anEvent, appendMany } from "./test-rig/events.ts";
import { FaultyLog } from "./test-rig/faulty-log.ts";
import { openMemoryGround } from "./test-rig/relay.ts";

const never = new AbortController().signal;

test("a position is everybody's: a slow one does not set it back, and each purpose has its own", async () => {
  await using ground = openMemoryGround();
  const { log } = ground.bus;
  const { settings } = ground.store;
  await appendMany(log, 10);
  const [fast, slow, other] = ["webhooks", "webhooks", "triggers"].map((purpose) => new LogPosition({ log, settings }, purpose)) as [
    LogPosition,
    LogPosition,
    LogPosition,
  ];

  expect([await fast.read(), await slow.read()]).toEqual([0, 0]);
  expect(await fast.moveTo(7)).toBe(true);
  expect(await slow.moveTo(3)).toBe(false);
  expect(await slow.read()).toBe(7);
  expect(await slow.moveTo(9)).toBe(true);
  expect([await fast.read(), await other.read()]).toEqual([9, 0]);
});

test("a log that is another one is told by its end, and by what lies at the position", async () => {
  await using ground = openMemoryGround();
  const log = new FaultyLog(ground.bus.log);
  const position = new LogPosition({ log, settings: ground.store.settings }, "webhooks");
  await appendMany(log, 5);
  await position.read();
  await position.moveTo(5);
  expect(await position.isLost(5, never)).toBe(false);
  expect(await position.isLost(6, never)).toBe(true);

  await using other = openMemoryGround();
  await log.exchange(other.bus.log);
  expect(await position.isLost(0, never)).toBe(true);
  await appendMany(log, 9);
  expect(await position.isLost(0, never)).toBe(true);

  expect(await position.moveTo(0)).toBe(true);
  await log.append(anEvent());
  expect([await position.read(), await position.isLost(0, never)]).toEqual([0, false]);
});
