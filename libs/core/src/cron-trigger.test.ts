import { describe, expect, test } from "vitest";
import { cronOrigin, findCronFault, findCronTrigger } from "./cron-trigger.ts";

describe("a cron trigger", () => {
  test.each([
    ["cron:0 7 * * 1-5", { expression: "0 7 * * 1-5", zone: "UTC" }],
    ["cron: */15  0,12 1 JAN-mar Mon Europe/Berlin ", { expression: "*/15 0,12 1 JAN-mar Mon", zone: "Europe/Berlin" }],
    ["cron:0 0 29 2 *", { expression: "0 0 29 2 *", zone: "UTC" }],
    ["cron:0 0 31 2 1", { expression: "0 0 31 2 1", zone: "UTC" }], // or a Monday
    ["cron:0-10/5,30 * * * 5-7", { expression: "0-10/5,30 * * * 5-7", zone: "UTC" }],
  ])("%s is read", (on, trigger) => {
    expect(findCronTrigger(on)).toEqual(trigger);
  });

  test.each(["on_demand", "event:lead.qualified", "cron:61 * * * *"])("%s is none", (on) => {
    expect(findCronTrigger(on)).toBeUndefined();
  });

  test.each([
    ["* * * *", "has 4 parts"],
    ["0 0 7 * * 1-5 UTC", "has 7 parts"],
    ["61 * * * *", 'minute "61": 61 is not allowed; allowed are 0-59'],
    ["0 24 * * *", 'hour "24": 24 is not allowed; allowed are 0-23'],
    ["0 0 0 * *", 'day of the month "0": 0 is not allowed; allowed are 1-31'],
    ["0 0 1 13 *", 'month "13": 13 is not allowed; allowed are 1-12 or JAN-DEC'],
    ["0 0 * JANUARY *", 'month "JANUARY": JANUARY is not allowed; allowed are 1-12 or JAN-DEC'],
    ["0 0 * * 8", 'day of the week "8": 8 is not allowed; allowed are 0-7 or SUN-SAT'],
    ["1-70 * * * *", 'minute "1-70": 70 is not allowed'],
    ["30-10 * * * *", "the range 30-10 goes backwards"],
    ["0 0 * * SAT-SUN", "the range SAT-SUN goes backwards"],
    ["*/0 * * * *", "the step 0 is not from 1 to 59"],
    ["*/70 * * * *", "the step 70 is not from 1 to 59"],
    ["5/15 * * * *", '"5/15" has a step, which follows * or a range only'],
    ["1,,2 * * * *", "an entry is empty"],
    ["*-5 * * * *", '"*-5" is no range'],
    ["1.5 * * * *", '"1.5" is no cron field'],
    ["0 0 L * *", "L is not allowed"],
    ["0 0 ? * *", '"?" is no cron field'],
    ["0 0 * * 5#2", '"5#2" is no cron field'],
    ["0 0 30 2 *", "never comes: the longest of these months has 29 days"],
    ["0 0 31 4,6 *", "never comes: the longest of these months has 30 days"],
    ["0 7 * * 1 Mars/Base", '"Mars/Base" is no time zone'],
  ])("%s is refused, with the field and what is allowed: %s", (rest, why) => {
    expect(findCronFault(rest)).toContain(why);
  });
});

test("a slot has one cause, named by its time in UTC", () => {
  expect(cronOrigin("sales", "nightly", Date.UTC(2026, 10, 22, 3))).toBe("cron:sales.nightly:2026-11-22T03:00:00.000Z");
});
