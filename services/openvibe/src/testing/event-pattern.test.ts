import { expect, test } from "vitest";
import { matchesType } from "./event-pattern.ts";

test.each([
  ["lead.qualified", "lead.qualified", true],
  ["lead.qualified", "lead.qualified_twice", false],
  ["lead.*", "lead.qualified", true],
  ["lead.*", "leads.qualified", false],
  ["*.failed", "node.failed", true],
  ["*", "run.completed", true],
  ["lead*d", "lead.q(d", true],
])("%s means %s: %s", (pattern, type, meant) => {
  expect(matchesType(pattern, type)).toBe(meant);
});
