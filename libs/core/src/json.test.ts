import { describe, expect, test } from "vitest";
import { findJsonFault, isPlainObject, MAX_JSON_DEPTH, pointerToken } from "./json.ts";

/** `levels` arrays inside one another. */
function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}
const cycle: Record<string, unknown> = { name: "a" };
cycle.self = { cycle };
const shared = { a: [1] };
class Lead {
  score = 1;
}

describe("what cannot be kept as JSON is found", () => {
  test.each<[string, unknown, string, string, RegExp]>([
    ["a Date", { at: new Date(0) }, "/at", "not_json", /a Date is not plain JSON/],
    ["a Map", { a: [1, new Map()] }, "/a/1", "not_json", /a Map/],
    ["a Set", new Set(), "", "not_json", /a Set/],
    ["a class instance", { lead: new Lead() }, "/lead", "not_json", /a Lead/],
    ["a boxed text", new String("a"), "", "not_json", /a String/],
    ["a Buffer", { b: Buffer.from("a") }, "/b", "not_json", /a Buffer/],
    ["a Promise", { p: Promise.resolve() }, "/p", "not_json", /a Promise/],
    ["an object of no class", Object.create({}), "", "not_json", /not plain JSON/],
    ["NaN", { score: Number.NaN }, "/score", "not_json", /NaN is no JSON number/],
    ["Infinity", [Number.NEGATIVE_INFINITY], "/0", "not_json", /-Infinity is no JSON number/],
    ["a BigInt", { n: 1n }, "/n", "not_json", /a bigint is not JSON/],
    ["a function", { f() {} }, "/f", "not_json", /a function is not JSON/],
    ["a symbol", { s: Symbol("a") }, "/s", "not_json", /a symbol is not JSON/],
    ["undefined in a list", [1, undefined], "/1", "not_json", /undefined is not JSON/],
    ["undefined itself", undefined, "", "not_json", /undefined is not JSON/],
    ["a hole in a list", new Array(1), "/0", "not_json", /undefined is not JSON/],
    ["an own key __proto__", JSON.parse('{"a":{"__proto__":{}}}'), "/a/__proto__", "reserved_key", /"__proto__" is reserved/],
    ["the key constructor", { constructor: 1 }, "/constructor", "reserved_key", /"constructor"/],
    ["the key prototype", [{ prototype: null }], "/0/prototype", "reserved_key", /"prototype"/],
    ["LangChain's mark", { a: { lc: 1, type: "constructor", id: ["x"] } }, "/a/lc", "reserved_key", /LangChain/],
    ["LangChain's mark as text", { lc: "1", type: "secret" }, "/lc", "reserved_key", /LangChain/],
    ["65 levels", nested(65), "/0".repeat(64), "too_deep", /nested deeper than 64/],
    ["a cycle", cycle, "/self/cycle".repeat(32), "too_deep", /or a cycle/],
    ["a fault below keys with / and ~", { "a/b": { "~": 1n } }, "/a~1b/~0", "not_json", /bigint/],
  ])("%s", (_what, value, pointer, kind, detail) => {
    expect(findJsonFault(value)).toEqual({ pointer, kind, detail: expect.stringMatching(detail) as string });
  });

  test("below the place where the search began", () => {
    expect(findJsonFault({ at: new Date(0) }, "/input")).toMatchObject({ pointer: "/input/at" });
  });

  test("in an object with a constructor that lies about its name", () => {
    const value = Object.assign(Object.create({ constructor: { name: { toString: () => "Object" } } }), { a: 1 }) as unknown;

    expect(findJsonFault(value)).toMatchObject({ kind: "not_json", detail: "a class instance is not plain JSON" });
  });
});

describe("plain JSON passes", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["a text of every kind", '\u0000\ud800\u2028\u{1f600}"\\'],
    ["numbers", [0, -0, 1e308, 5e-324, Number.MAX_SAFE_INTEGER]],
    ["undefined as a property, which counts as not given", { a: undefined, b: { c: undefined } }],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["lc without type", { lc: 1 }],
    ["lc that is no mark", { lc: { a: 1 }, type: "x" }],
    ["lc that is true", { lc: true, type: "x" }],
    ["the same object twice, which is no cycle", [shared, shared]],
    ["a key that only sounds reserved", { __proto: 1, constructors: 1, "": 1 }],
    ["64 levels", nested(64)],
  ])("%s", (_what, value) => {
    expect(findJsonFault(value)).toBeUndefined();
  });

  test("with the same depth that is allowed in a text", () => {
    expect(MAX_JSON_DEPTH).toBe(64);
  });
});

test.each<[unknown, boolean]>([
  [{}, true],
  [Object.create(null), true],
  [[], false],
  [null, false],
  [new Date(0), false],
  [new Lead(), false],
  ["{}", false],
  [() => ({}), false],
])("%o is a plain object: %s", (value, plain) => {
  expect(isPlainObject(value)).toBe(plain);
});

test.each([
  ["a", "a"],
  ["a/b", "a~1b"],
  ["~", "~0"],
  ["~1", "~01"],
  ["", ""],
  [7, "7"],
])("%j is the token %s of a JSON pointer", (key, token) => {
  expect(pointerToken(key)).toBe(token);
});
