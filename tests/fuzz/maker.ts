/** What is thrown at OpenVibe: values that are nearly right, and values that are nothing at all. */
import type { JsonValue } from "@openvibe/core";
import { createRandom, type Random } from "../support/random.ts";

export interface Maker extends Random {
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  text(): string;
  bytes(most: number): Buffer;
  json(depth?: number): JsonValue;
  /** The value with something in it exchanged, dropped or added. */
  bend(value: JsonValue): JsonValue;
  /** The bytes with some of them exchanged, dropped, doubled or added. */
  damage(bytes: Buffer): Buffer;
}

const TEXTS = [
  ...[
    "",
    " ",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "NaN",
    "[object Object]",
    "undefined",
    "\u0000",
    "\ud800",
    "\u2028",
    "\ufeff",
    "💥",
    "é",
  ],
  ...[
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "__start__",
    "__end__",
    "lc",
    "$ref",
    "$where",
    "then",
    "default",
  ],
  ...[
    "..",
    "../../etc/passwd",
    "%00",
    "%0d%0ax-injected: 1",
    "a\r\nx-injected: 1",
    "*",
    ">",
    "a.b",
    "a b",
    "-",
    "'",
    '"',
    "';--",
    "$HOME",
    "{{x}}",
  ],
  ...[
    "9007199254740993",
    "2026-11-22T00:00:00Z",
    "99999999999999999999",
    "30d",
    "P1D",
    "a".repeat(65),
    "a".repeat(300),
    "x".repeat(70_000),
  ],
];
const NUMBERS = [0, -0, 1, -1, 0.5, 64, 255, 2 ** 31, -(2 ** 31), 2 ** 53, 2 ** 63, 1e21, 1e300, 5e-324, -1e300];
const KEYS = [
  ...TEXTS.slice(16, 28),
  "trigger",
  "input",
  "tags",
  "answer",
  "by",
  "id",
  "type",
  "value",
  "text",
  "number",
  "a",
  "",
  "a/b",
  "a~b",
];

/** `words`: texts that mean something to the system, so that not everything fails at the first door. */
export function createMaker(seed: number, words: readonly string[]): Maker {
  const random = createRandom(seed);
  const { between, pick } = random;
  const oneIn = (n: number) => between(0, n) === 0;
  const bytes = (most: number) => Buffer.from(Array.from({ length: between(0, most + 1) }, () => between(0, 256)));
  const text = (): string => {
    if (oneIn(3) && words.length > 0) return pick(words);
    if (oneIn(4)) return bytes(20).toString("utf8");
    return oneIn(8) ? `${pick(TEXTS)}${pick(TEXTS)}` : pick(TEXTS);
  };
  const scalar = (): JsonValue => {
    if (oneIn(5)) return pick([null, true, false]);
    return oneIn(3) ? pick(NUMBERS) : text();
  };
  const key = () => (oneIn(3) ? text() : pick(KEYS));
  const json = (depth = 4): JsonValue => {
    if (depth <= 0 || oneIn(3)) return scalar();
    if (oneIn(60)) return nested(between(50, 200));
    const length = between(0, 5);
    if (oneIn(3)) return Array.from({ length }, () => json(depth - 1));
    return Object.fromEntries(Array.from({ length }, () => [key(), json(depth - 1)]));
  };
  const bend = (value: JsonValue): JsonValue => {
    if (oneIn(6)) return json(2);
    if (Array.isArray(value)) {
      const items: JsonValue[] = value.map((item: JsonValue) => (oneIn(2) ? bend(item) : item));
      return oneIn(3) ? [...items, json(2)] : items;
    }
    if (typeof value !== "object" || value === null) return oneIn(2) ? scalar() : value;
    const entries = Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
      if (oneIn(8)) return [];
      return [[oneIn(10) ? `${name}${pick(["", "x", " ", "_"])}` : name, oneIn(2) ? bend(member) : member]];
    });
    return Object.fromEntries(oneIn(3) ? [...entries, [key(), json(2)]] : entries);
  };
  const damage = (given: Buffer): Buffer => {
    let out = given;
    for (let times = between(1, 5); times > 0; times--) {
      const at = between(0, out.length + 1);
      const end = Math.min(out.length, at + between(0, 6));
      const middle = pick([
        () => bytes(4),
        () => Buffer.from(text()),
        () => Buffer.concat([out.subarray(at, end), out.subarray(at, end)]),
      ])();
      out = Buffer.concat([out.subarray(0, at), oneIn(3) ? Buffer.alloc(0) : middle, out.subarray(end)]);
    }
    return out;
  };
  return { ...random, oneIn, text, bytes, json, bend, damage };
}

function nested(depth: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
