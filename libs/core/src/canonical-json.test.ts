import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

describe("canonical JSON", () => {
  test("is the same text for the same value, whatever the order of keys", () => {
    expect(canonicalJson({ b: [{ d: 1, c: "x" }], a: null })).toBe('{"a":null,"b":[{"c":"x","d":1}]}');
    expect(canonicalJson({ a: null, b: [{ c: "x", d: 1 }] })).toBe('{"a":null,"b":[{"c":"x","d":1}]}');
  });

  test("keeps the order of lists", () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  test("sorts keys by code unit, not by the reader's language", () => {
    expect(canonicalJson({ ä: 1, z: 1, Z: 1, "10": 1, "9": 1, "": 1 })).toBe('{"":1,"10":1,"9":1,"Z":1,"z":1,"ä":1}');
  });

  test("leaves out what is not given", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe(canonicalJson({ b: 1 }));
  });

  test.each([
    ["1", 1],
    [1, true],
    [null, "null"],
    [[], {}],
    [0, false],
    ["", null],
  ])("tells %j from %j", (a, b) => {
    expect(canonicalJson(a)).not.toBe(canonicalJson(b));
  });

  test("is JSON again", () => {
    const value = { text: '\ud800\u2028"', list: [1, { __proto: 2 }], none: null };

    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });
});
