import { findCronTrigger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { createSlots } from "./slots.ts";

function slotsOf(on: string, from: string, to: string): readonly string[] {
  const trigger = findCronTrigger(on);
  if (trigger === undefined) throw new Error(`${on} is no cron trigger`);
  return createSlots(trigger)
    .between(Date.parse(from), Date.parse(to))
    .map((ms) => new Date(ms).toISOString().slice(5, 16));
}

describe("slots", () => {
  test.each([
    ["cron:0 7 * * 1-5", "2026-11-20T07:00:00Z", "2026-11-24T07:00:00Z", ["11-23T07:00", "11-24T07:00"]], // over a weekend; `from` is not in it
    ["cron:0 7 * * MON Europe/Berlin", "2026-03-22T12:00:00Z", "2026-04-06T12:00:00Z", ["03-23T06:00", "03-30T05:00", "04-06T05:00"]],
    [
      "cron:*/20 8-9 22 NOV *",
      "2026-11-01T00:00:00Z",
      "2026-12-01T00:00:00Z",
      ["11-22T08:00", "11-22T08:20", "11-22T08:40", "11-22T09:00", "11-22T09:20", "11-22T09:40"],
    ],
    ["cron:0 0 13 * 5", "2026-11-05T12:00:00Z", "2026-11-20T12:00:00Z", ["11-06T00:00", "11-13T00:00", "11-20T00:00"]], // the 13th, and Fridays
    ["cron:0 0 * * 5-7", "2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z", ["11-27T00:00", "11-28T00:00", "11-29T00:00"]],
    ["cron:0 0 31 * *", "2026-11-01T00:00:00Z", "2027-03-01T00:00:00Z", ["12-31T00:00", "01-31T00:00"]],
    ["cron:0 0 * * 0,7", "2026-11-22T12:00:00Z", "2026-11-30T12:00:00Z", ["11-29T00:00"]],
    [
      "cron:10-30/10,55 0 * * *",
      "2026-11-22T00:00:00Z",
      "2026-11-22T12:00:00Z",
      ["11-22T00:10", "11-22T00:20", "11-22T00:30", "11-22T00:55"],
    ],
    ["cron:30 5 * * * Asia/Kolkata", "2026-11-22T01:00:00Z", "2026-11-23T01:00:00Z", ["11-23T00:00"]],
    ["cron:0 6 * * * +02:00", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", ["11-22T04:00"]],
  ])("of %s from %s to %s", (on, from, to, slots) => {
    expect(slotsOf(on, from, to)).toEqual(slots);
  });

  test("may be years away, and there is always a next one", () => {
    const slots = createSlots({ expression: "0 0 29 2 *", zone: "UTC" });

    expect(slots.after(Date.UTC(2096, 1, 29))).toBe(Date.UTC(2104, 1, 29)); // 2100 is no leap year
  });
});

/** 2026: Berlin goes from 02:00 to 03:00 on 29 March at 01:00Z, and from 03:00 to 02:00 on 25 October at 01:00Z; New York from 02:00 to 03:00 on 8 March at
 * 07:00Z, and from 02:00 to 01:00 on 1 November at 06:00Z. */
describe.each([
  {
    zone: "Europe/Berlin",
    gap: 2,
    forward: "2026-03-29T00:00:00Z",
    at: "03-29T01",
    doubled: 2,
    back: "2026-10-24T22:00:00Z",
    twice: ["10-25T00", "10-25T01"],
  },
  {
    zone: "America/New_York",
    gap: 2,
    forward: "2026-03-08T06:00:00Z",
    at: "03-08T07",
    doubled: 1,
    back: "2026-11-01T04:00:00Z",
    twice: ["11-01T05", "11-01T06"],
  },
])("in $zone, where clocks are", ({ zone, gap, forward, at, doubled, back, twice }) => {
  const hoursAfter = (from: string, hours: number) => new Date(Date.parse(from) + hours * 3_600_000).toISOString();
  const inGap = (fields: string) => slotsOf(`cron:${fields} ${zone}`, forward, hoursAfter(forward, 2.9));
  const inDouble = (fields: string) => slotsOf(`cron:${fields} ${zone}`, back, hoursAfter(back, 4.9));

  test("put forward, a fixed time in the gap comes at its end", () => {
    expect(inGap(`30 ${gap} * * *`)).toEqual([`${at}:00`]);
    expect(inGap(`0 ${gap} * * *`)).toEqual([`${at}:00`]);
  });

  test("put forward, several times of that hour do not come", () => {
    expect(inGap(`*/30 ${gap} * * *`)).toEqual([]);
  });

  test("put forward, what comes every half hour comes every half hour", () => {
    const slots = inGap("*/30 * * * *");

    expect(slots).toHaveLength(5);
    expect(slots.filter((slot) => slot.startsWith(at))).toEqual([`${at}:00`, `${at}:30`]);
  });

  test("put back, a fixed time comes once, at its first passing", () => {
    expect(inDouble(`30 ${doubled} * * *`)).toEqual([`${twice[0]}:30`]);
    expect(inDouble(`0 ${doubled} * * *`)).toEqual([`${twice[0]}:00`]);
  });

  test("put back, several times of that hour come in both passings", () => {
    expect(inDouble(`*/30 ${doubled} * * *`)).toEqual(twice.flatMap((hour) => [`${hour}:00`, `${hour}:30`]));
  });

  test("put back, what comes every hour comes every hour", () => {
    const slots = inDouble("15 * * * *");

    expect(slots).toHaveLength(5);
    expect(new Set(slots).size).toBe(5);
  });
});
