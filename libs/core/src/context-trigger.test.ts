import { describe, expect, test } from "vitest";
import { findContextTrigger, matchesKey } from "./context-trigger.ts";

describe("a trigger of shared context", () => {
  test.each([
    ["context:context-leads.*", { bucket: "context-leads", pattern: "*" }],
    ["context:context-leads.ann.score", { bucket: "context-leads", pattern: "ann.score" }],
    ["context:context-a_b-c.ann.*.x*", { bucket: "context-a_b-c", pattern: "ann.*.x*" }],
    ["context:leads.*", undefined],
    ["context:context-leads", undefined],
    ["context:context-leads.", undefined],
    ["context:context-leads.a..b", undefined],
    ["context:context-leads.a b", undefined],
    ["event:lead", undefined],
  ])("%s", (on, expected) => {
    expect(findContextTrigger(on)).toEqual(expected);
  });

  test.each([
    ["ann", "ann", true],
    ["ann", "anna", false],
    ["*", "ann.score", true],
    ["ann.*", "ann.score.x", true],
    ["ann.*", "ann", false],
    ["*.score", "ann.score", true],
    ["*.score", "score", false],
    ["a*b*c", "a.x.b.y.c", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "acb", false],
    ["a*a", "a", false],
    ["a**b", "ab", true],
    ["*x*x*", "axbx", true],
    ["*x*x*", "axb", false],
  ])("%s and the key %s: %s", (pattern, key, expected) => {
    expect(matchesKey(pattern, key)).toBe(expected);
  });
});
