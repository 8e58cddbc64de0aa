import { expect, test } from "vitest";
import { findPacing, isPacingKnown, type Pacing, pacingKey } from "./pacing.ts";

const by = (key: string) => ({ debounce: { wait_ms: 1, key } });

test("a key is a path into the data; texts and numbers are told apart", () => {
  expect(pacingKey({ rate: { limit: 1, per_ms: 1 } }, {})).toBe("");
  expect(pacingKey(by("lead.id"), { lead: { id: "7" } })).toBe('"7"');
  expect(pacingKey(by("lead.id"), { lead: { id: 7 } })).toBe("7");
  expect(pacingKey(by("leads.1"), { leads: ["a", "\u0000"] })).toBe('"\\u0000"');
});

test.each([
  [{}, "of type undefined"],
  [{ lead: null }, "of type undefined"],
  [{ lead: { id: null } }, "of type null"],
  [{ lead: { id: { a: 1 } } }, "of type object"],
  [{ lead: { id: "x".repeat(257) } }, "a text of 257 characters"],
])("%# a key that is none is told", (data, found) => {
  expect(() => pacingKey(by("lead.id"), data)).toThrow(
    `key "lead.id" of the data is ${found}; allowed is a text of up to 256 characters or a number`,
  );
});

test("what a prototype has is no key", () => {
  expect(() => pacingKey(by("constructor.name"), {})).toThrow("allowed is a text");
});

test("a trigger has one, or none", () => {
  const batch = { size: 2, wait_ms: 5 };
  expect(findPacing({ batch })).toEqual({ batch });
  expect(findPacing({})).toBeUndefined();
});

test.each<[unknown, boolean]>([
  [{}, true],
  [{ debounce: { wait_ms: 5, max_ms: 9, key: "a" } }, true],
  [{ singleton: { mode: "skip" } }, true],
  [{ concurrency: { limit: 1, burst: 7 } }, true],
  [{ debounce: "5s" }, false],
  [{ debounce: { wait_ms: 5, max_ms: "9" } }, false],
  [{ batch: { size: 2 } }, false],
  [{ rate: { limit: 0, per_ms: 5 } }, false],
  [{ rate: { limit: 1.5, per_ms: 5 } }, false],
  [{ rate: { limit: 1, per_ms: 2 ** 31 } }, false],
  [{ singleton: { mode: "queue" } }, false],
  [{ concurrency: { limit: 1, key: { path: "a" } } }, false],
])("whether %j can be followed is known", (trigger, known) => {
  expect(isPacingKnown(trigger as Pacing)).toBe(known);
});
