import { expect, test } from "vitest";
import { didYouMean, nearestName, nearestNames } from "./nearest-names.ts";

const KNOWN = ["hello", "company_intel", "revenue_ops", "input", "tags", "trigger", "crm_updated", "fit_score", "composite_score"];

test.each([
  ["hello_", ["hello"]],
  ["inptu", ["input"]], // two letters changed places: one edit, where a word of five may have one
  ["Trigger", ["trigger"]],
  ["tag", ["tags"]],
  ["comp", ["company_intel", "composite_score"]], // the beginnings of both
  ["revenu_op", ["revenue_ops"]],
  ["crmUpdated", ["crm_updated"]],
  ["fit-scor", ["fit_score"]],
  ["t_a_g_s", ["tags"]], // three marks that count for nothing
  ["compsite_score", ["composite_score"]],
  ["weather", []],
  ["zzzz", []],
  ["x", []],
  ["", []],
  ["x".repeat(10_000), []],
])("%j may have meant %j", (given, names) => {
  expect(nearestNames(given, KNOWN)).toEqual(names);
  expect(nearestName(given, KNOWN)).toBe(names[0]);
});

test("at most three are named, the nearest first", () => {
  expect(nearestNames("slot", ["slots_d", "slots_c", "slots_b", "slots", "slut"])).toEqual(["slots", "slut", "slots_b"]);
});

test("a short name is not near a long one, however much they share", () => {
  expect(nearestNames("at", ["cat", "that", "what"])).toEqual(["cat"]);
});

test("the question names them all, or is not asked", () => {
  expect([didYouMean([]), didYouMean(["a"]), didYouMean(["a", "b"])]).toEqual(["", '; did you mean "a"?', '; did you mean "a" or "b"?']);
});

test("one letter is not near another, only near itself in capitals", () => {
  expect([nearestNames("x", ["a", "b"]), nearestNames("A", ["a", "b"])]).toEqual([[], ["a"]]);
});
