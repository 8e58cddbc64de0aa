import { expect, test } from "vitest";
import { matchKeyIn, matchKeyOf } from "./event-match.ts";
import { findEventTrigger, triggersOn } from "./event-trigger.ts";

test.each([
  ["event:lead.qualified", "sales", true],
  ["event:lead.qualified", null, true],
  ["event:self:lead.qualified", "desk", true],
  ["event:self:lead.qualified", "sales", false],
  ["event:self:lead.qualified", null, false],
  ["event:sales:lead.qualified", "sales", true],
  ["event:sales:lead.qualified", "desk", false],
  ["event:lead_qualified", "sales", false],
])("%s of desk hears an event of %s: %s", (on, operatorId, expected) => {
  const trigger = findEventTrigger(on, "desk");

  expect(trigger !== undefined && triggersOn(trigger, { operatorId, type: "lead.qualified" })).toBe(expected);
});

test.each(["on_demand", "cron:0 7 * * *", "webhook:hub_lead", "event:", "event:a:b:c"])("%s is none", (on) => {
  expect(findEventTrigger(on, "desk")).toBeUndefined();
});

test("events match by the values of fields, whatever their order; one that lacks a field does not", () => {
  const key = matchKeyOf({ lead: "a", n: 1 });

  expect(matchKeyIn({ n: 1, other: true, lead: "a" }, ["n", "lead"])).toBe(key);
  expect(matchKeyIn({ n: "1", lead: "a" }, ["n", "lead"])).not.toBe(key);
  expect(matchKeyIn({ n: 1 }, ["n", "lead"])).toBeUndefined();
  expect(matchKeyIn({ n: 1 }, [])).toBe(matchKeyOf({}));
  expect(matchKeyOf({ text: "x".repeat(5_000) })).toHaveLength(71);
});
