import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { NO_DIGEST } from "./cursor.ts";
import { EventRing } from "./ring.ts";
import { toRingEntry } from "./ring-entry.ts";
import { anEvent } from "./test-rig/events.ts";

function entryAt(position: number) {
  return toRingEntry({ position, event: anEvent({ id: `e${position}` }) }, "epoch1");
}

function positions(ring: EventRing, after: number): number[] {
  return [...ring.after(after)].map(({ position }) => position);
}

test("a ring keeps the newest and knows where it begins", () => {
  const ring = new EventRing({ maxEntries: 3, maxBytes: 1e9 });
  ring.restart(10, NO_DIGEST);
  expect([ring.floor, ring.last]).toEqual([10, 10]);

  for (const position of [11, 12, 15, 16, 17, 18, 19]) ring.push(entryAt(position));

  expect([ring.floor, ring.last, ring.size]).toEqual([16, 19, 3]);
  expect(positions(ring, 16)).toEqual([17, 18, 19]);
  expect(positions(ring, 18)).toEqual([19]);
  expect(positions(ring, 99)).toEqual([]);
  expect(ring.digestAt(16)).toBe(entryAt(16).digest);
  expect(ring.digestAt(18)).toBe(entryAt(18).digest);
  expect(ring.digestAt(15)).toBeUndefined();
});

test("a ring is bounded by bytes, too, and keeps at least one", () => {
  const size = entryAt(1).frame.length;
  const ring = new EventRing({ maxEntries: 100, maxBytes: size * 2 + 10 });

  for (let position = 1; position <= 9; position++) ring.push(entryAt(position));
  expect(positions(ring, 0)).toEqual([8, 9]);

  ring.push(toRingEntry({ position: 10, event: anEvent({ data: { big: "x".repeat(size * 3) } }) }, "epoch1"));
  expect(positions(ring, 0)).toEqual([10]);
});

test("holes between positions are found across", () => {
  const ring = new EventRing({ maxEntries: 100, maxBytes: 1e9 });
  for (const position of [3, 7, 20]) ring.push(entryAt(position));

  expect(positions(ring, 0)).toEqual([3, 7, 20]);
  expect(positions(ring, 5)).toEqual([7, 20]);
  expect(ring.digestAt(5)).toBeUndefined();
});

test("what was dropped is let go at once", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const ring = new EventRing({ maxEntries: 1_000, maxBytes: 1e9 });
  const first = new WeakRef(pushOne(ring, 1));

  for (let position = 2; position <= 1_001; position++) pushOne(ring, position);
  await nextTurn(); // what was looked at in this turn is held until its end
  collect();

  expect(first.deref()).toBeUndefined();
});

function pushOne(ring: EventRing, position: number) {
  const entry = entryAt(position);
  ring.push(entry);
  return entry;
}
