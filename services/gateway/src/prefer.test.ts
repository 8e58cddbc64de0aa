import { expect, test } from "vitest";
import { parsePrefer } from "./prefer.ts";

test.each([
  [undefined, undefined, false],
  ["wait=10", 10, false],
  ["Wait=10", 10, false],
  ["wait=10;foo=bar", 10, false],
  ['wait="10"', 10, false],
  ["wait = 10 , respond-async", 10, true],
  ["respond-async", undefined, true],
  ["wait=5, wait=9", 5, false],
  ["wait=999999", 300, false],
  ["wait=0", undefined, false],
  ["wait=-1", undefined, false],
  ["wait=abc", undefined, false],
  ["wait", undefined, false],
  ["return=minimal, handling=strict", undefined, false],
  ["", undefined, false],
])("%j", (header, waitSeconds, respondAsync) => {
  expect(parsePrefer(header)).toEqual({ waitSeconds, respondAsync });
});
