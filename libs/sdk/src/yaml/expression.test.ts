import { describe, expect, test } from "vitest";
import { parseExpression } from "./expression.ts";
import { FieldUses } from "./field-uses.ts";
import { spotsIn } from "./spots.ts";

const parse = (text: string, uses = new FieldUses()) => parseExpression(text, uses, spotsIn(text, "when"));
const STATE = { fit: 80, stage: "warm", done: true, tags: ["a", "b"], lead: { score: 3 }, nothing: null };

describe("a condition", () => {
  test.each([
    ["fit >= 80", true],
    ["fit > 80", false],
    ["80 <= fit", true],
    ["fit == 80.0", true],
    ["fit != -1.5e3", true],
    ["stage == 'warm'", true],
    ['stage == "it\'s"', false],
    ["stage < 'x'", true],
    ["done", true],
    ["not done", false],
    ["not not done", true],
    ["done == true and fit < 100", true],
    ["fit > 100 or stage in ['hot', 'warm']", true],
    ["fit > 100 or done and stage == 'cold'", false],
    ["(fit > 100 or done) and stage == 'warm'", true],
    ["stage not in ['hot', 'warm']", false],
    ["'a' in tags", true],
    ["'ar' in stage", true],
    ["lead.score == 3", true],
    ["tags.1 == 'b'", true],
    ["nothing == null and absent == null", true],
    ["fit in []", false],
    ["lead == lead", true],
    ["[1, 2] == [1, 2]", true],
  ])("%s is %s", (text, expected) => {
    expect(parse(text).holds(STATE)).toBe(expected);
  });

  test("ends as soon as the answer is known", () => {
    expect(parse("done or stage > 3").holds(STATE)).toBe(true);
    expect(parse("not done and stage > 3").holds(STATE)).toBe(false);
  });

  test.each([
    ["fit >=", 7, "the condition has its end where a field"],
    ["fit = 80", 5, "nothing that a condition may hold"],
    ["fit == 80 stage", 11, "the condition has stage where and, or, or the end may stand"],
    ["(fit == 80", 11, "where ) may stand"],
    ["fit == 'x", 8, "nothing that a condition may hold"],
    ["process.exit()", 13, "the condition has ( where"],
    ["fit + 1 > 2", 5, "nothing that a condition may hold"],
    ["and", 1, "the condition has and where a field"],
    ["", 1, "the condition has its end where a field"],
    ["fit in [1, 2", 13, "where , or ] may stand"],
    ["(".repeat(60), 52, "50 brackets in each other at most"],
    ["fit; drop", 4, "nothing that a condition may hold"],
  ])("%j is refused at column %i", (text, column, what) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringMatching(new RegExp(`^when:1:${column} `)) }) as Error,
    );
    expect(() => parse(text)).toThrow(what);
  });

  test.each([
    ["stage > 3", "a text and a number have no order"],
    ["absent >= 1", "what is not given and a number have no order"],
    ["fit", "a number is neither true nor false"],
    ["1 in fit", "cannot be in a number"],
  ])("%s fails the node at run time", (text, what) => {
    expect(() => parse(text).holds(STATE)).toThrow(
      expect.objectContaining({ code: "OV_NODE_FAILED", message: expect.stringContaining(what) }) as Error,
    );
  });

  test("tells which fields it looks at, and as what", () => {
    const uses = new FieldUses();

    expect(parse("fit >= 80 and (done or 'x' in lead.name) and stage != 'hot'", uses).fields).toEqual(["fit", "done", "lead", "stage"]);
    expect(uses.reads.map(({ field, as }) => [field, as])).toEqual([
      ["fit", "number"],
      ["lead", "any"],
      ["done", "boolean"],
      ["stage", "text"],
    ]);
  });

  test("knows nothing of what objects inherit", () => {
    expect(parse("constructor == null and lead.constructor == null and tags.length == null").holds(STATE)).toBe(true);
  });
});
