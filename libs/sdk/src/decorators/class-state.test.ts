import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readStateSchema } from "../state-schema.ts";
import { createCheckPatch } from "../state-values.ts";
import { readClassState } from "./class-state.ts";

const read = (operatorClass: new () => object) => readStateSchema(readClassState(operatorClass, "class State").schema, "class State");
const schemaOf = (operatorClass: new () => object) => read(operatorClass).inputSchema.properties;

class Every {
  text = "";
  count = 1.5;
  done = false;
  list: string[] = ["a"];
  company: { name: string; size?: number } = { name: "" };
  anything: unknown = null;
  later?: string;
}

describe("a class's fields are the state", () => {
  test("each with a schema that follows from its default", () => {
    expect(schemaOf(Every)).toEqual({
      text: { type: "string", default: "" },
      count: { type: "number", default: 1.5 },
      done: { type: "boolean", default: false },
      list: { type: "array", items: {}, default: ["a"] },
      company: { type: "object", propertyNames: { type: "string" }, additionalProperties: {}, default: { name: "" } },
      anything: { default: null },
      later: {},
    });
    expect(readClassState(Every, "class State").openState()).toEqual({
      text: "",
      count: 1.5,
      done: false,
      list: ["a"],
      company: { name: "" },
      anything: null,
    });
  });

  test.each([
    ["a text", { text: 1 }, "/text"],
    ["a number", { count: "1" }, "/count"],
    ["true or false", { done: null }, "/done"],
    ["an array", { list: {} }, "/list"],
    ["an object", { company: [] }, "/company"],
  ])("%s stays what it is", (_, patch, pointer) => {
    expect(() => createCheckPatch(read(Every), "w")(patch, "n")).toThrow(
      expect.objectContaining({ code: "OV_PATCH_INVALID", errors: [expect.objectContaining({ pointer })] }),
    );
  });

  test("an array, an object, null and no value may hold any JSON", () => {
    const patch = { list: [1, { a: null }], company: { name: "x", size: 3, more: [] }, anything: [7], later: "x" };

    expect(createCheckPatch(read(Every), "w")(patch, "n")).toEqual(patch);
  });

  test("those of a parent class too, and static ones are none", () => {
    class Child extends Every {
      static readonly limit = 3;
      more = "";
    }

    expect(Object.keys(schemaOf(Child) as object)).toEqual([...Object.keys(schemaOf(Every) as object), "more"]);
  });
});

describe("static state", () => {
  test("says more about some fields, whose defaults the class keeps", () => {
    class Scores {
      static state = z.object({ fit: z.int().min(0).max(100), route: z.enum(["a", "b"]).default("b"), extra: z.string().optional() });
      name = "";
      fit = 7;
    }

    expect(schemaOf(Scores)).toMatchObject({
      name: { type: "string", default: "" },
      fit: { type: "integer", minimum: 0, maximum: 100, default: 7 },
      route: { enum: ["a", "b"], default: "b" },
    });
    expect(readClassState(Scores, "class State").openState()).toEqual({ name: "", fit: 7, route: "b" });
  });

  test("comes from a parent class too", () => {
    class Base {
      static state = z.object({ fit: z.int() });
      fit = 1;
    }
    class Child extends Base {
      name = "";
    }

    expect(schemaOf(Child)).toMatchObject({ fit: { type: "integer", default: 1 }, name: { type: "string" } });
  });

  test("may be all of the state, and keeps its checks over several fields", () => {
    class Range {
      static state = z
        .object({ from: z.number().default(0), to: z.number().default(0) })
        .refine(({ from, to }) => from <= to, { message: "from is after to" });
      to = 9;
    }

    expect(readClassState(Range, "class State").openState()).toEqual({ from: 0, to: 9 });
    expect(read(Range).whole).toBeDefined();
  });
});

describe("a class is refused as a state, naming class and field,", () => {
  const at = (message: string) => expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringContaining(message) });
  let made = 0;

  test.each<[string, new () => object, string]>([
    ["without fields", class {}, "class State: has no state: give it fields with defaults"],
    [
      "with a date",
      class {
        since = new Date(0);
      },
      "class State, field since: its default",
    ],
    [
      "with a function",
      class {
        call = () => {};
      },
      "class State, field call: its default",
    ],
    [
      "with what is no number",
      class {
        score = Number.NaN;
      },
      "class State, field score: its default",
    ],
    [
      "with a map inside",
      class {
        all = { seen: new Map() };
      },
      "class State, field all: its default at /seen",
    ],
    [
      "with another default each time",
      class {
        at = made++;
      },
      "class State, field at: its default must be the same every time",
    ],
    [
      "whose constructor wants something",
      class {
        constructor(name?: { text: string }) {
          void (name as { text: string }).text;
        }
      },
      "class State: cannot be made without arguments",
    ],
    [
      "with the field waitDuration",
      class {
        waitDuration = 0;
      },
      'state field "waitDuration": the name is reserved',
    ],
    [
      "with a static state that is none",
      class {
        static state = { text: "" };
        text = "";
      },
      "class State: state must be a z.object",
    ],
    [
      "with a field without default in it",
      class {
        static state = z.object({ text: z.string() });
        count = 0;
      },
      'state field "text": needs a default',
    ],
  ])("%s", (_, operatorClass, message) => {
    expect(() => readClassState(operatorClass, "class State")).toThrow(at(message));
  });
});
