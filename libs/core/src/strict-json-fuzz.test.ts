import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import type { JsonValue } from "./json.ts";
import { parseStrictJson } from "./strict-json.ts";

const SEED = 20_261_122;
const SIGNS = [
  '"',
  "\\",
  "/",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\u0000",
  "\n",
  "\u2028",
  "\ud800",
  "\udc00",
  "\u{1f600}",
  "é",
  "a",
  "0",
  " ",
  "~",
];
const NUMBERS = [0, -0, 1, -1, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, Number.MAX_SAFE_INTEGER];

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

function randomText(random: (below: number) => number): string {
  return Array.from({ length: random(8) }, () => SIGNS[random(SIGNS.length)]).join("");
}

function randomValue(random: (below: number) => number, depth: number): JsonValue {
  switch (random(depth === 0 ? 5 : 7)) {
    case 0:
      return null;
    case 1:
      return random(2) === 0;
    case 2:
      return NUMBERS[random(NUMBERS.length)] ?? 0;
    case 3:
      return (random(1_000_000) - 500_000) / 1_000;
    case 4:
      return randomText(random);
    case 5:
      return Array.from({ length: random(5) }, () => randomValue(random, depth - 1));
    default:
      return Object.fromEntries(Array.from({ length: random(5) }, () => [randomText(random), randomValue(random, depth - 1)]));
  }
}

/** The same value with its keys written in another order. */
function shuffled(value: JsonValue, random: (below: number) => number): JsonValue {
  if (Array.isArray(value)) return value.map((entry: JsonValue) => shuffled(entry, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => ({ key, entry: shuffled(entry, random), at: random(1_000) }));
  return Object.fromEntries(entries.toSorted((a, b) => a.at - b.at).map(({ key, entry }) => [key, entry]));
}

describe(`2,000 values made from seed ${SEED}`, () => {
  const random = randomOf(SEED);
  const values = Array.from({ length: 2_000 }, () => randomValue(random, 6));

  test("are read as they were written, with and without white space", () => {
    for (const value of values) {
      const expected = JSON.parse(JSON.stringify(value)) as JsonValue; // -0 is written as 0

      expect(parseStrictJson(JSON.stringify(value), "value")).toStrictEqual(expected);
      expect(parseStrictJson(JSON.stringify(value, null, 2), "value")).toStrictEqual(expected);
    }
  });

  test("are refused as soon as one of their objects says a key twice", () => {
    const objects = values.filter(
      (value) => typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0,
    );
    expect(objects.length).toBeGreaterThan(100);

    for (const object of objects) {
      const [first] = Object.keys(object as object);
      const text = `[1,${JSON.stringify(object).slice(0, -1)},${JSON.stringify(first)}:null}]`;

      expect(() => parseStrictJson(text, "value")).toThrow(expect.objectContaining({ code: "OV_DUPLICATE_KEY" }));
    }
  });

  test("have one canonical text, which is JSON of the same value", () => {
    for (const value of values) {
      const text = canonicalJson(value);

      expect(canonicalJson(shuffled(value, random))).toBe(text);
      expect(JSON.parse(text)).toStrictEqual(JSON.parse(JSON.stringify(value)));
    }
  });

  test("cut anywhere are refused, never misread", () => {
    for (const value of values.slice(0, 300)) {
      const text = JSON.stringify(value);
      if (typeof value === "number" || text.length < 2) continue;
      const cut = text.slice(0, 1 + random(text.length - 1));

      expect(() => parseStrictJson(cut, "value")).toThrow(expect.objectContaining({ code: "OV_JSON_INVALID" }));
    }
  });
});
