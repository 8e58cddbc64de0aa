import { describe, expect, test } from "vitest";
import { BOUNDS, isWithin, type Series, trendOf } from "./samples.ts";

const series = (values: readonly number[]): Series => ({
  name: "worker",
  points: values.map((heapMb, index) => ({ at: index * 5_000, heapMb })),
});
const noise = (index: number) => ((index * 7919) % 13) / 10;
const [heap] = BOUNDS;
const judge = (values: readonly number[]) => {
  const trend = trendOf(series(values), "heapMb");
  return trend === undefined || heap === undefined ? undefined : isWithin(trend, heap);
};

describe("memory after warm-up", () => {
  test("may be noisy, and jump for a moment", () => {
    expect(judge(Array.from({ length: 30 }, (_, index) => 60 + noise(index) + (index === 11 ? 40 : 0)))).toBe(true);
  });

  test("may fall", () => {
    expect(judge(Array.from({ length: 30 }, (_, index) => 80 - index))).toBe(true);
  });

  test("must not grow with time, also below the noise of single samples", () => {
    expect(judge(Array.from({ length: 30 }, (_, index) => 60 + noise(index) + index * 0.2))).toBe(false);
  });

  test("is not judged by a handful of samples", () => {
    expect(judge([1, 2, 3, 4])).toBeUndefined();
  });

  test("is shown as it began and ended, and how much it grew between", () => {
    expect(trendOf(series([10, 10, 10, 10, 11, 12, 13, 14, 15, 16, 17, 18]), "heapMb")).toMatchObject({ begin: 10, end: 16.5 });
  });
});
