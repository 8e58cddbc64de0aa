import { expect, test } from "vitest";
import { parseTraceparent, traceIdOf } from "./index.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const VALID = `00-${TRACE}-00f067aa0ba902b7-01`;

test("a traceparent is kept as it came, and gives its trace id", () => {
  expect(parseTraceparent(VALID)).toBe(VALID);
  expect(traceIdOf(VALID)).toBe(TRACE);
});

test("one of a later version may say more", () => {
  expect(parseTraceparent(`01-${TRACE}-00f067aa0ba902b7-01-more`)).toBe(`01-${TRACE}-00f067aa0ba902b7-01-more`);
});

test.each([
  ["nothing", undefined],
  ["a word", "x"],
  ["two of them", `${VALID}, ${VALID}`],
  ["capitals", VALID.toUpperCase()],
  ["the forbidden version", `ff-${TRACE}-00f067aa0ba902b7-01`],
  ["more than version 00 has", `${VALID}-more`],
  ["a trace id of zeros", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`],
  ["a parent id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["line breaks", `${VALID}\r\nx: y`],
  ["no end", `01-${TRACE}-00f067aa0ba902b7-01-${"x".repeat(1_000)}`],
  ["a list", [VALID]],
])("%s is passed over", (_what, given) => {
  expect(parseTraceparent(given)).toBeUndefined();
});
