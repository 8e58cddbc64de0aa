import { expect, test } from "vitest";
import { readNumber } from "./read-number.ts";

test.each([
  [0, 0],
  [79.9, 79.9],
  [-5, -5],
  ["85", 85],
  ["79.5", 79.5],
  [" 85 ", 85],
  ["-3", -3],
  [".5", 0.5],
  ["1e2", 100],
])("%j counts as %d", (value, number) => {
  expect(readNumber(value)).toBe(number);
});

test.each([
  "",
  " ",
  "85%",
  "high",
  "8 5",
  "0x1f",
  "Infinity",
  "NaN",
  "1e999",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  undefined,
  true,
  [85],
  { n: 85 },
])("%j counts as missing", (value) => {
  expect(readNumber(value)).toBeUndefined();
});
