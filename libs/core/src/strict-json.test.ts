import { describe, expect, test } from "vitest";
import type { JsonValue } from "./json.ts";
import { parseStrictJson } from "./strict-json.ts";

const parse = (text: string) => parseStrictJson(text, "body");
const errorOf = (text: string): unknown => {
  try {
    return parse(text);
  } catch (error) {
    return error;
  }
};

describe("a text from outside", () => {
  test.each<[string, string, string, RegExp]>([
    ["a key twice", '{"a":1,"a":1}', "/a", /key "a" twice/],
    ["a key twice with something between", '{"a":1,"b":{"a":2},"a":3}', "/a", /"a" twice/],
    ["a key twice, deep", '{"a":[0,{"b":{"c":1,"c":2}}]}', "/a/1/b/c", /"c" twice/],
    ["a key twice after a closed object", '{"a":{"x":1},"b":[{"x":1}],"b":1}', "/b", /"b" twice/],
    ["a key twice in an object of a list", '[{"a":1},{"a":1,"a":2}]', "/1/a", /"a" twice/],
    ["a key twice, once escaped", '{"a":1,"\\u0061":2}', "/a", /"a" twice/],
    ["a key twice, escaped both ways", '{"\\u00e9":1,"\\u00E9":2}', "/é", /"é" twice/],
    ["a key twice, a slash escaped once", '{"a/b":1,"a\\/b":2}', "/a~1b", /"a\/b" twice/],
    ["a key twice, a quote in it", '{"a\\"":1,"a\\u0022":2}', '/a"', /twice/],
    ["the empty key twice", '{"":1,"":2}', "/", /key "" twice/],
    ["a reserved key twice", '{"__proto__":1,"__proto__":2}', "/__proto__", /twice/],
  ])("with %s is refused, with the place", (_what, text, pointer, message) => {
    expect(errorOf(text)).toMatchObject({
      code: "OV_DUPLICATE_KEY",
      message: expect.stringMatching(message) as string,
      errors: [{ pointer, detail: "given twice" }],
    });
  });

  test.each<[string, string, string, string]>([
    ["__proto__", '{"a":{"__proto__":{"admin":true}}}', "OV_RESERVED_KEY", "/a/__proto__"],
    ["__proto__, escaped", '{"\\u005f_proto__":1}', "OV_RESERVED_KEY", "/__proto__"],
    ["constructor", '[{"constructor":{}}]', "OV_RESERVED_KEY", "/0/constructor"],
    ["prototype", '{"prototype":1}', "OV_RESERVED_KEY", "/prototype"],
    ["LangChain's mark", '{"a":{"lc":1,"type":"constructor"}}', "OV_RESERVED_KEY", "/a/lc"],
    ["a number too large", '{"n":1e400}', "OV_JSON_INVALID", "/n"],
    ["a number too small", "[-1e400]", "OV_JSON_INVALID", "/0"],
  ])("with %s is refused, with the place", (_what, text, code, pointer) => {
    expect(errorOf(text)).toMatchObject({ code, errors: [{ pointer }] });
    expect(() => parse(text)).toThrow(`body at ${pointer}: `);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test.each([
    "",
    " ",
    "{",
    "]",
    "{]",
    "[}",
    '{"a":1,}',
    "[1,]",
    "{'a':1}",
    "{a:1}",
    "NaN",
    "undefined",
    "01",
    "+1",
    ".5",
    "1.",
    "0x10",
    "[1] 2",
    '"\n"',
    '"\\x41"',
    '"abc',
    "// no\n1",
    "\ufeff{}",
    "\u00a01",
    "tru",
  ])("that is no JSON (%j) is refused", (text) => {
    expect(errorOf(text)).toMatchObject({
      code: "OV_JSON_INVALID",
      message: expect.stringMatching(/^body is not valid JSON: ./) as string,
    });
  });

  test.each<[string, JsonValue]>([
    ['{"a":{"a":{"a":1}}}', { a: { a: { a: 1 } } }],
    ['[{"a":1},{"a":1}]', [{ a: 1 }, { a: 1 }]],
    ['{"a":"a","b":"a"}', { a: "a", b: "a" }],
    ['["a","a"]', ["a", "a"]],
    ['{"a":["b","b"],"b":1}', { a: ["b", "b"], b: 1 }],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}', { a: '{"a":1,"a":2}' }],
    ['{"{":"}","}":"{","[":"]",",":",",":":":"}', { "{": "}", "}": "{", "[": "]", ",": ",", ":": ":" }],
    ['{"a\\\\":1,"a":2}', { "a\\": 1, a: 2 }],
    ['{"\\"":1,"\\\\\\"":2}', { '"': 1, '\\"': 2 }],
    ['"\\ud800"', "\ud800"],
    ['"\\udc00\\ud800"', "\udc00\ud800"],
    ['{"\\ud83d\\ude00":1}', { "\u{1f600}": 1 }],
    ['"\u2028\u2029"', "\u2028\u2029"],
    ['"\\u0000"', "\u0000"],
    ["-0", -0],
    ["1E3", 1000],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["5e-324", 5e-324],
    ["1e-400", 0],
    [' \t\r\n{ "a" : [ ] } \n', { a: [] }],
    ["null", null],
    ['""', ""],
  ])("%s is read", (text, value) => {
    expect(parse(text)).toStrictEqual(value);
  });
});

describe("nesting", () => {
  test.each([
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
  ])("of 64 %s is read, of 65 refused", (_what, open, close) => {
    const text = (levels: number) => open.repeat(levels) + (open === "[" ? "" : "1") + close.repeat(levels);

    expect(parse(text(64))).toBeTypeOf("object");
    expect(errorOf(text(65))).toMatchObject({ code: "OV_TOO_DEEP", message: expect.stringContaining("deeper than 64 levels") as string });
  });

  test("inside a text does not count", () => {
    expect(parse(JSON.stringify("[{".repeat(1_000)))).toBe("[{".repeat(1_000));
    expect(parse(JSON.stringify(`\\"${"[".repeat(100)}`))).toBe(`\\"${"[".repeat(100)}`);
  });

  test("side by side does not count", () => {
    expect(parse(`[${"[],".repeat(1_000)}[]]`)).toHaveLength(1_001);
  });

  test("of 100,000 levels, closed or not, is refused before it can hurt", () => {
    const begun = performance.now();

    for (const text of ["[".repeat(100_000), '{"a":'.repeat(100_000), "[".repeat(100_000) + "]".repeat(100_000)]) {
      expect(errorOf(text)).toMatchObject({ code: "OV_TOO_DEEP" });
    }
    expect(performance.now() - begun).toBeLessThan(200);
  });
});

test("a megabyte of text is read about as fast as it is long", () => {
  const value = Array.from({ length: 10_000 }, (_, index) => ({ id: index, name: `lead "${index}" \\ of {10,000}`, tags: ["a", "b"] }));
  const text = JSON.stringify(value);
  const begun = performance.now();

  expect(parse(text)).toHaveLength(10_000);
  expect(performance.now() - begun).toBeLessThan(1_000);
});
