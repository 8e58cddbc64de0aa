import { describe, expect, test } from "vitest";
import { ID_PATTERN, isId, newInstanceId, newRunId, newToken, parseId } from "./ids.ts";
import { OpenVibeError } from "./problems.ts";

describe("an id", () => {
  test.each([
    ["a"],
    ["0"],
    ["revenue_ops"],
    ["content-engine"],
    ["a".repeat(64)],
    ["run_2026-11-22_0mcz8k1zt8f1k2j3h4g"],
    ["constructor"], // an id is never used as a key of a plain object
  ])("%j is allowed", (id) => {
    expect(isId(id)).toBe(true);
    expect(parseId(id, "operator id")).toBe(id);
  });

  test.each([
    ["", '""'],
    ["_a", '"_a"'],
    ["-", '"-"'],
    ["A", '"A"'],
    ["a.b", '"a.b"'],
    ["a*", '"a*"'],
    ["a>", '"a>"'],
    ["a b", '"a b"'],
    ["a/b", '"a/b"'],
    ["../etc", '"../etc"'],
    ["a\n", '"a\\n"'],
    ["a\u0000", '"a\\u0000"'],
    ["ä", '"ä"'],
    ["a".repeat(65), `"${"a".repeat(65)}"`],
    ["x".repeat(10_000), `"${"x".repeat(80)}"`],
    [7, "7"],
    [null, "of type null"],
    [undefined, "of type undefined"],
    [["a"], "of type object"],
    [{ toString: () => "a" }, "of type object"],
  ])("%j is refused, and the message says what is allowed", (value, shown) => {
    expect(isId(value)).toBe(false);
    const parse = () => parseId(value, "operator id");
    expect(parse).toThrow(OpenVibeError);
    expect(parse).toThrow(
      `operator id ${shown} is not allowed: an id is 1 to 64 of a-z, 0-9, _ and -, beginning with a letter or digit (${ID_PATTERN})`,
    );
  });
});

describe("a run id", () => {
  test("is an id that carries its day", () => {
    const id = newRunId(Date.UTC(2026, 10, 22, 23, 59, 59, 999));

    expect(id).toMatch(/^run_2026-11-22_[0-9a-z]{19}$/);
    expect(isId(id)).toBe(true);
  });

  test("sorts by the millisecond it was made in, across days, years and a further digit of time", () => {
    const times = [
      0,
      1,
      Date.UTC(2026, 10, 22),
      Date.UTC(2026, 10, 22) + 1,
      Date.UTC(2026, 11, 31, 23, 59, 59, 999),
      Date.UTC(2027, 0, 1),
      36 ** 8 - 1,
      36 ** 8,
    ].toSorted((a, b) => a - b);

    const ids = times.map(newRunId);

    expect(ids.toSorted()).toEqual(ids);
  });

  test("of a clock that gives parts of a millisecond is an id all the same", () => {
    expect(isId(newRunId(1_795_000_000_000.75))).toBe(true);
  });

  test("is never made twice, even within one millisecond", () => {
    const ids = new Set(Array.from({ length: 100_000 }, () => newRunId(1_795_000_000_000)));

    expect(ids.size).toBe(100_000);
  });
});

test("the random part uses every digit about equally often", () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 10_000; i++) for (const digit of newToken()) counts.set(digit, (counts.get(digit) ?? 0) + 1);

  const expected = (10_000 * 16) / 36;
  expect(counts.size).toBe(36);
  for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected * 0.1); // 6.7 standard deviations
});

test("an instance id is a new one for each start of the same process", () => {
  expect(newInstanceId("worker")).toMatch(/^worker-[0-9a-z]{12}$/);
  expect(newInstanceId("worker")).not.toBe(newInstanceId("worker"));
});
