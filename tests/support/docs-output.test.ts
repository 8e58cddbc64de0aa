import { describe, expect, test } from "vitest";
import { findDifference } from "./docs-output.ts";

describe("what a page shows agrees with what was written when", () => {
  test.each([
    ["JSON has more keys", '{"a":{"b":1}}', '{"a":{"b":1,"c":2},"d":3}'],
    ["headers stand before the JSON", '{"a":1}', 'HTTP/1.1 200 OK\n\n{"a":1}'],
    [
      "ids, dates and measured numbers differ",
      '{"run_id":"run_1-a","at":"2026-01-01T00:00:00Z","s":0.1}',
      '{"run_id":"run_2-b","at":"2027-02-02T11:11:11.5Z","s":7}',
    ],
    ["lines stand between the lines", "one\nthree", "one\ntwo\nthree"],
    ["a line is cut short by …", "took 5 ms: …", "took 17 ms: well\n"],
  ])("%s", (_, shown, written) => {
    expect(findDifference(shown, written)).toBeUndefined();
  });
});

describe("it does not when", () => {
  test.each([
    ["a value differs", '{"a":{"b":1}}', '{"a":{"b":2}}', "/a/b is 2, and 1 is shown"],
    ["a key is not there", '{"a":null}', "{}", "/a is undefined, and null is shown"],
    ["an element is not there", "[1,2]", "[1]", "/1 is undefined"],
    ["no JSON was written", '{"a":1}', "nothing", "the whole is undefined"],
    ["a line is not there", "one\ntwo", "one", "no line like: two"],
    ["lines came in another order", "one\ntwo", "two\none", "no line like: two"],
  ])("%s", (_, shown, written, fault) => {
    expect(findDifference(shown, written)).toContain(fault);
  });
});
