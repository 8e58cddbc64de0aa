import { describe, expect, test } from "vitest";
import { type Duration, parseDuration } from "./duration.ts";

describe("a duration", () => {
  test.each<[Duration, number]>([
    ["500ms", 500],
    ["90s", 90_000],
    ["5m", 300_000],
    ["24h", 86_400_000],
    ["42d", 42 * 86_400_000],
    ["1.5h", 5_400_000],
    ["0.5ms", 0.5],
    ["366d", 366 * 86_400_000],
    [1, 1],
    [366 * 86_400_000, 366 * 86_400_000],
  ])("%j is %d ms", (value, ms) => {
    expect(parseDuration(value, "timeout")).toBe(ms);
  });

  test.each<[unknown, string]>([
    ["", '""'],
    ["5", '"5"'],
    ["5 m", '"5 m"'],
    [" 5m", '" 5m"'],
    ["5m\n", '"5m\\n"'],
    ["5M", '"5M"'],
    ["-5m", '"-5m"'],
    ["1e3s", '"1e3s"'],
    [".5s", '".5s"'],
    ["1w", '"1w"'],
    ["0s", '"0s"'],
    ["367d", '"367d"'],
    [`${"9".repeat(400)}d`, '"99'],
    [0, "0"],
    [-1, "-1"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [367 * 86_400_000, "31708800000"],
    [null, "of type null"],
    [undefined, "of type undefined"],
    [10n, "of type bigint"],
    [Symbol("5m"), "of type symbol"],
    [["5m"], "of type object"],
  ])("%s is refused; the message says where, what and what is allowed", (value, shown) => {
    const parse = () => parseDuration(value as Duration, "workflow a, timeout");

    expect(parse).toThrow(expect.objectContaining({ code: "OV_DEFINITION_INVALID" }));
    expect(parse).toThrow(`workflow a, timeout: ${shown}`);
    expect(parse).toThrow('allowed is "500ms", "90s", "5m", "24h", "42d" above 0 and up to 366d, or milliseconds as a number');
  });
});
