import { isOpenVibeError, type JsonObject, type OpenVibeError, type Patch } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readStateSchema } from "./state-schema.ts";
import { createCheckPatch, createOpenState } from "./state-values.ts";

const at = "operator a, workflow b";
const Lead = z.object({
  contact_id: z.string().max(20).default(""),
  score: z.number().default(0),
  tags: z.array(z.string()).default(["new"]),
  data: z.record(z.string(), z.json()).default({}),
  company: z.object({ name: z.string(), size: z.number().optional() }).nullable().default(null),
  anything: z.unknown(),
  notes: z.string().optional(),
});
const state = readStateSchema(Lead, at);
const openState = createOpenState(state, at);
const checkPatch = (patch: unknown) => createCheckPatch(state, at)(patch as Patch, "weigh");

function errorOf(fn: () => unknown): OpenVibeError {
  try {
    fn();
  } catch (error) {
    if (isOpenVibeError(error)) return error;
    throw error;
  }
  throw new Error("it did not throw");
}

describe("openState", () => {
  test("lays the input over the defaults and leaves optional fields out", () => {
    const opened = openState({ contact_id: "c1", tags: ["a"] });

    expect(opened).toEqual({ state: { contact_id: "c1", score: 0, tags: ["a"], data: {}, company: null }, ignoredInput: [] });
    expect(Object.keys(openState({}).state)).not.toContain("notes");
  });

  test("drops keys that are no state field and lists them, reserved ones too", () => {
    const input = JSON.parse('{"contact_id":"c1","nope":1,"__proto__":{"score":9},"Score":2}') as JsonObject;

    const opened = openState(input);

    expect(opened.ignoredInput).toEqual(["nope", "__proto__", "Score"]);
    expect(opened.state.score).toBe(0);
    expect(Object.getPrototypeOf(opened.state)).toBe(Object.prototype);
  });

  test("shares neither defaults nor input between runs", () => {
    const input = { data: { a: { b: 1 } }, anything: { deep: [1] } };
    const first = openState(input).state as { tags: string[]; data: { a: { b: number } }; anything: { deep: number[] } };
    first.tags.push("changed");
    first.data.a.b = 2;
    first.anything.deep.push(2);

    expect(openState(input).state).toMatchObject({ tags: ["new"], data: { a: { b: 1 } }, anything: { deep: [1] } });
    expect(input).toEqual({ data: { a: { b: 1 } }, anything: { deep: [1] } });
  });

  test("refuses values that do not fit, all of them, with pointers", () => {
    const error = errorOf(() => openState({ score: "high", tags: ["a", 2], company: { size: 3 } }));

    expect(error.code).toBe("OV_INPUT_INVALID");
    expect(error.errors.map(({ pointer }) => pointer)).toEqual(["/score", "/tags/1", "/company/name"]);
    expect(error.message).toBe(
      "operator a, workflow b: the input does not fit: /score: Invalid input: expected number, received string; " +
        "/tags/1: Invalid input: expected string, received number; /company/name: Invalid input: expected string, received undefined",
    );
  });

  test("takes a field that is undefined as not given, and null only where the field allows it", () => {
    expect(openState({ score: undefined } as unknown as JsonObject).state.score).toBe(0);
    expect(openState({ company: null }).state.company).toBeNull();
    expect(errorOf(() => openState({ score: null })).errors).toMatchObject([{ pointer: "/score" }]);
  });

  test("runs a check over several fields on what was given", () => {
    const range = z
      .object({ min: z.number().default(0), max: z.number().default(10) })
      .refine(({ min, max }) => min <= max, "min is above max");
    const open = createOpenState(readStateSchema(range, at), at);

    expect(open({ min: 10 }).state).toEqual({ min: 10, max: 10 });
    expect(errorOf(() => open({ min: 11 }))).toMatchObject({
      code: "OV_INPUT_INVALID",
      errors: [{ pointer: "", detail: "min is above max" }],
    });
  });

  test("refuses an input that is no object", () => {
    expect(errorOf(() => openState([] as unknown as JsonObject)).code).toBe("OV_INPUT_INVALID");
  });
});

describe("checkPatch", () => {
  test("gives a plain copy of the given fields only", () => {
    const data = { a: { b: 1, c: undefined } };
    const checked = checkPatch({ data, score: undefined, notes: "n" });
    data.a.b = 2;

    expect(checked).toStrictEqual({ data: { a: { b: 1 } }, notes: "n" });
  });

  test("never shares a default inside a value", () => {
    const Nested = z.object({ a: z.object({ list: z.array(z.array(z.number())).default([[1]]) }).optional() });
    const check = createCheckPatch(readStateSchema(Nested, at), at);
    const first = check({ a: {} }, "n") as { a: { list: number[][] } };
    first.a.list[0]?.push(2);

    expect(check({ a: {} }, "n")).toEqual({ a: { list: [[1]] } });
  });

  test("names an unknown field and the field that was probably meant", () => {
    const error = errorOf(() => checkPatch({ contactId: "c1", weather: 1 }));

    expect(error.code).toBe("OV_PATCH_INVALID");
    expect(error.message).toContain("operator a, workflow b, step weigh");
    expect(error.errors).toEqual([
      { pointer: "/contactId", detail: 'is not a field of the state; did you mean "contact_id"?' },
      { pointer: "/weather", detail: "is not a field of the state" },
    ]);
  });

  test.each<[name: string, patch: unknown, pointer: string]>([
    ["a Date", { anything: { at: new Date() } }, "/anything/at"],
    ["a Map", { anything: new Map() }, "/anything"],
    ["NaN", { score: Number.NaN }, "/score"],
    ["a function", { anything: [() => 1] }, "/anything/0"],
    ["undefined in a list", { tags: ["a", undefined] }, "/tags/1"],
    ["a reserved key", { data: JSON.parse('{"__proto__":1}') }, "/data/__proto__"],
    ["a LangChain object", { data: { lc: 1, type: "constructor" } }, "/data/lc"],
    ["a reserved field", JSON.parse('{"__proto__":{"score":1}}'), "/__proto__"],
    ["a wrong type", { score: "1" }, "/score"],
    ["a text that is too long", { contact_id: "x".repeat(21) }, "/contact_id"],
    ["a list instead of a patch", [1], ""],
    ["a text instead of a patch", "done", ""],
    ["a Date instead of a patch", new Date(), ""],
  ])("refuses %s with the path", (_, patch, pointer) => {
    const error = errorOf(() => checkPatch(patch));

    expect(error.code).toBe("OV_PATCH_INVALID");
    expect(error.errors.map((detail) => detail.pointer)).toEqual([pointer]);
  });

  test("refuses a cycle instead of following it", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;

    expect(errorOf(() => checkPatch({ anything: loop })).code).toBe("OV_PATCH_INVALID");
  });

  test("takes an author's check that throws as a fault of the value", () => {
    const Odd = z.object({
      a: z
        .string()
        .refine((text) => {
          if (text !== "") throw new Error("boom");
          return true;
        })
        .default(""),
    });

    const error = errorOf(() => createCheckPatch(readStateSchema(Odd, at), at)({ a: "x" }, "n"));

    expect(error).toMatchObject({ code: "OV_PATCH_INVALID", errors: [{ pointer: "/a", detail: "cannot be checked: boom" }] });
  });
});
