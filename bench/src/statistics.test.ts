import { expect, test } from "vitest";
import { median, percentile } from "./statistics.ts";

test.each([
  { values: [3], middle: 3 },
  { values: [9, 1, 5], middle: 5 },
  { values: [10, 2, 4, 8], middle: 6 },
])("the median of $values is $middle", ({ values, middle }) => {
  expect(median(values)).toBe(middle);
});

test.each([
  { share: 0, value: 1 },
  { share: 0.5, value: 50 },
  { share: 0.95, value: 95 },
  { share: 0.99, value: 99 },
  { share: 1, value: 100 },
])("of 100 values the percentile $share is $value, in whatever order they came", ({ share, value }) => {
  const values = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);

  expect(percentile(values, share)).toBe(value);
});

test("values are compared as numbers and left in their order", () => {
  const values = [10, 9, 100];

  expect(median(values)).toBe(10);
  expect(values).toEqual([10, 9, 100]);
});

test("nothing has neither a median nor a percentile", () => {
  expect(median([])).toBeNaN();
  expect(percentile([], 0.5)).toBeNaN();
});
