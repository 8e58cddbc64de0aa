import type { JsonSchema } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { sampleOf } from "./sample-of.ts";

describe("the smallest value of a schema", () => {
  test.each<[what: string, schema: JsonSchema, value: unknown]>([
    ["a text that names its field", { type: "string" }, "[echo] field"],
    ["a text within its length", { type: "string", minLength: 15, maxLength: 20 }, "[echo] field..."],
    ["a short text", { type: "string", maxLength: 6 }, "[echo]"],
    ["a text of a format", { type: "string", format: "email" }, "echo@example.com"],
    ["a number is 0 where it may", { type: "number", minimum: -5, maximum: 5 }, 0],
    ["a number within its limits", { type: "number", minimum: 2.5 }, 2.5],
    ["a whole number above a broken limit", { type: "integer", minimum: 2.5 }, 3],
    ["a whole number above an excluded limit", { type: "integer", exclusiveMinimum: 3 }, 4],
    ["a whole number below 0", { type: "integer", maximum: -2.5 }, -3],
    ["a whole number below an excluded limit", { type: "integer", exclusiveMaximum: 0 }, -1],
    ["a multiple", { type: "integer", minimum: 7, multipleOf: 5 }, 10],
    ["a boolean", { type: "boolean" }, false],
    ["null", { type: "null" }, null],
    ["a constant before all", { type: "string", const: "yes", enum: ["no"] }, "yes"],
    ["the first of an enum", { enum: ["b", "a"] }, "b"],
    ["a value rather than null", { anyOf: [{ type: "null" }, { type: "integer", minimum: 1 }] }, 1],
    ["a value of a type that may be null", { type: ["null", "boolean"] }, false],
    ["a list as short as may be", { type: "array", items: { type: "boolean" } }, []],
    ["a list of its least length", { type: "array", items: { type: "boolean" }, minItems: 2 }, [false, false]],
    ["a tuple", { prefixItems: [{ type: "boolean" }, { const: 2 }] }, [false, 2]],
    [
      "an object of what is required",
      { type: "object", properties: { a: { type: "string" }, b: { type: "string" } }, required: ["a"] },
      { a: "[echo] a" },
    ],
    ["an object that says so only by its properties", { properties: { a: { type: "null" } }, required: ["a"] }, { a: null }],
    [
      "parts laid over each other",
      {
        allOf: [
          { properties: { a: { const: 1 } }, required: ["a"] },
          { properties: { b: { const: 2 } }, required: ["b"] },
        ],
      },
      { a: 1, b: 2 },
    ],
    ["a reference", { $ref: "#/$defs/score", $defs: { score: { type: "integer", minimum: 4 } } }, 4],
    ["anything", {}, "[echo] field"],
  ])("%s", (_what, schema, value) => {
    expect(sampleOf(schema, "field")).toEqual(value);
  });

  test("an excluded limit of a broken number is kept", () => {
    const value = sampleOf({ type: "number", exclusiveMinimum: 1, maximum: 2 });

    expect(value).toBeGreaterThan(1);
    expect(value).toBeLessThan(1.001);
  });

  test("a schema that refers to itself for ever still ends", () => {
    const endless: JsonSchema = { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] };

    expect(JSON.stringify(sampleOf(endless)).length).toBeLessThan(1_000);
    expect(sampleOf({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } })).toBe(null);
  });
});
