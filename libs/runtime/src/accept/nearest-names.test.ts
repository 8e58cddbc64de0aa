import { expect, test } from "vitest";
import { nearestNames } from "./nearest-names.ts";

const KNOWN = ["hello", "company_intel", "revenue_ops", "input", "tags", "trigger"];

test.each([
  ["hello_", ["hello"]],
  ["inptu", ["input"]],
  ["Trigger", ["trigger"]],
  ["tag", ["tags"]],
  ["comp", ["company_intel"]],
  ["revenu_op", ["revenue_ops"]],
  ["zzzz", []],
  ["", []],
  ["x".repeat(10_000), []],
])("%j may have meant %j", (given, names) => {
  expect(nearestNames(given, KNOWN)).toEqual(names);
});
