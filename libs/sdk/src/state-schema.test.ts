import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { readStateSchema } from "./state-schema.ts";

const at = "operator a, workflow b";

describe("a schema that can be a state", () => {
  test("opens from nothing: defaults are kept, optional fields begin absent", () => {
    const { fields } = readStateSchema(
      z.object({
        text: z.string().min(3).default(""), // a default need not pass the field's own checks: it stands for "not given yet"
        list: z.array(z.string()).default(() => []),
        later: z.string().optional(),
        anything: z.unknown(),
        nothing: z.string().nullable().default(null),
      }),
      at,
    );

    const initials = Object.fromEntries([...fields.values()].map(({ name, initial }) => [name, initial]));
    expect(initials).toEqual({ text: "", list: [], later: undefined, anything: undefined, nothing: null });
  });

  test("gives an input schema that requires no field and refuses no unknown one", () => {
    const { inputSchema } = readStateSchema(
      z.strictObject({ score: z.int().min(0).default(0).describe("0 to 100"), any: z.unknown() }),
      at,
    );

    expect(inputSchema).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        score: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0, description: "0 to 100" },
        any: {},
      },
    });
  });

  test("leaves a pattern out of the input schema where JSON Schema would read it differently", () => {
    const { inputSchema } = readStateSchema(
      z.object({
        any_case: z.string().regex(/^abc$/i).default(""),
        not_unicode: z.string().regex(/^{a$/).default(""),
        both: z.string().regex(/^a/).regex(/B$/i).default(""),
        plain: z.string().regex(/^abc$/).default(""),
      }),
      at,
    );

    expect(inputSchema.properties).toMatchObject({ plain: { pattern: "^abc$" } });
    for (const name of ["any_case", "not_unicode", "both"]) expect(inputSchema).not.toHaveProperty(["properties", name, "pattern"]);
    expect(JSON.stringify(inputSchema)).not.toContain("B$");
  });

  test("may be recursive", () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree);
      },
    });

    const { fields } = readStateSchema(z.object({ tree: tree.nullable().default(null) }), at);

    expect(fields.get("tree")?.schema.safeParse({ name: "a", children: [{ name: "b", children: [] }] }).success).toBe(true);
  });
});

describe("a schema that cannot be a state is refused with the field's name", () => {
  test.each<[name: string, schema: unknown, why: string]>([
    ["no zod object", z.string(), "must be a z.object({ … }) of zod 4, not a z.string()"],
    [
      "an object of zod/mini",
      mini.object({ a: mini._default(mini.string(), "") }),
      "must be a z.object({ … }) of zod 4, not one of zod/mini",
    ],
    ["nothing", undefined, "must be a z.object({ … }) of zod 4"],
    ["null", null, "must be a z.object({ … }) of zod 4"],
    ["no fields", z.object({}), "has no fields"],
    ["an open object", z.looseObject({ a: z.string().default("") }), "no z.looseObject"],
    ["a field without default", z.object({ a: z.string() }), '"a": needs a default'],
    ["a nullable field without default", z.object({ a: z.string().nullable() }), '"a": needs a default'],
    ["a transform", z.object({ a: z.string().transform(Number).default(0) }), '"a": it uses .transform()'],
    ["a transform with a default outside", z.object({ a: z.string().default("").transform(Number) }), '"a": it uses .transform()'],
    ["a pipe", z.object({ a: z.string().pipe(z.string()).default("") }), '"a": it uses .transform(), .pipe()'],
    ["a preprocess", z.object({ a: z.preprocess(String, z.string()).default("") }), '"a": it uses .transform(), .pipe()'],
    ["a coercion", z.object({ a: z.coerce.number().default(0) }), '"a": it uses z.coerce'],
    ["a catch", z.object({ a: z.number().catch(0) }), '"a": it uses .catch()'],
    ["a trim", z.object({ a: z.string().trim().default("") }), '"a": it uses .trim()'],
    [
      "a transform inside a list",
      z.object({ a: z.array(z.object({ b: z.string().toLowerCase() })).default([]) }),
      '"a": /*/b uses .trim()',
    ],
    ["a transform inside a record", z.object({ a: z.record(z.string(), z.coerce.date()).default({}) }), '"a": /* uses z.coerce'],
    ["a transform inside a union", z.object({ a: z.union([z.string(), z.coerce.number()]).default("") }), '"a": it uses z.coerce'],
    ["a transform inside a tuple", z.object({ a: z.tuple([z.string(), z.coerce.number()]).optional() }), '"a": /1 uses z.coerce'],
    ["a date", z.object({ a: z.date().optional() }), '"a": cannot be written as JSON Schema (Date cannot be represented'],
    ["a map", z.object({ a: z.map(z.string(), z.string()).optional() }), '"a": cannot be written as JSON Schema'],
    ["a class instance", z.object({ a: z.instanceof(URL).optional() }), '"a": cannot be written as JSON Schema'],
    ["an asynchronous check", z.object({ a: z.string().refine(async () => true).default("") }), '"a": its schema cannot be checked at once'], // biome-ignore format: one case a line
    [
      "a default that is no JSON",
      z.object({ a: z.unknown().default(new Date(0)) }),
      '"a": its default at its top: a Date is not plain JSON',
    ],
    ["a random default", z.object({ a: z.string().default(() => `${Math.random()}`) }), '"a": its default must be the same every time'],
    ["a reserved name", z.object({ constructor: z.string().default("") }), '"constructor": the name is reserved'],
    ["an empty name", z.object({ "": z.string().default("") }), '"": the name is reserved'],
  ])("%s", (_, schema, why) => {
    expect(() => readStateSchema(schema, at)).toThrow(
      expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringContaining(why) }),
    );
    expect(() => readStateSchema(schema, at)).toThrow(at);
  });
});
