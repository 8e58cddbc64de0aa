import { isOpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createJsonReply, createTextReply, findJsonReply } from "./json-reply.ts";
import { readStateSchema, type StateField } from "./state-schema.ts";

const score = z.int().min(0).max(100).default(0).describe("0 to 100");
const { fields, object } = readStateSchema(
  z.object({
    fit: score,
    route: z.enum(["sales", "nurture"]).default("sales"),
    why: z.union([z.string(), z.array(z.string())]).default(""),
    hint: z.string().optional(),
    wrapped: z.number().default(1).nullable().readonly(),
    short: z.string().max(5).default(""),
  }),
  "operator a, workflow b",
);
const field = (name: string): StateField => {
  const found = fields.get(name);
  if (found === undefined) throw new Error(name);
  return found;
};
const reply = createJsonReply([field("fit"), field("route")], object);

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (isOpenVibeError(error, "OV_LLM_OUTPUT_INVALID")) return error.message;
    throw error;
  }
  throw new Error("it did not throw");
}

describe("a JSON answer", () => {
  test("has a schema that requires every field, without defaults, and allows nothing else", () => {
    expect(reply.schema).toEqual({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        fit: { type: "integer", minimum: 0, maximum: 100, description: "0 to 100" },
        route: { type: "string", enum: ["sales", "nurture"] },
      },
      required: ["fit", "route"],
      additionalProperties: false,
    });
  });

  test("that lacks a field is refused and never read as the default", () => {
    expect(messageOf(() => reply.read('{"route":"sales"}'))).toContain("/fit: Invalid input: expected number, received undefined");
    expect(messageOf(() => createJsonReply([field("wrapped")], object).read("{}"))).toContain("/wrapped");
  });

  test("may lack a field that is optional in the state", () => {
    expect(createJsonReply([field("fit"), field("hint")], object).read('{"fit":1}')).toEqual({ fit: 1 });
  });

  test.each([
    '{"fit":7,"route":"sales"}',
    ' \n{"fit":7,"route":"sales"}\n ',
    '```json\n{"fit":7,"route":"sales"}\n```',
    '```\n{"fit":7,"route":"sales"}\n```\n',
    '```JSON\r\n{"fit":7,"route":"sales"}\r\n```',
    '```{"fit":7,"route":"sales"}```',
  ])("is read as %j", (text) => {
    expect(reply.read(text)).toEqual({ fit: 7, route: "sales" });
  });

  test.each([
    ["prose", 'Sure! {"fit":7,"route":"sales"}', "not valid JSON"],
    ["a fence inside prose", 'Here:\n```json\n{"fit":7,"route":"sales"}\n```', "not valid JSON"],
    ["two fences", '```\n{"fit":7}\n```\n```\n{"route":"sales"}\n```', "not valid JSON"],
    ["nothing", "", "not valid JSON"],
    ["a key twice", '{"fit":7,"fit":8,"route":"sales"}', 'the key "fit" twice'],
    ["a list", "[1]", "the whole: Invalid input: expected object"],
    ["an unknown key", '{"fit":7,"route":"sales","note":"x"}', "/note: is not allowed here"],
    ["a word that is none of those", '{"fit":7,"route":"other"}', '/route: Invalid option: expected one of "sales"|"nurture"'],
    ["a number out of range", '{"fit":700,"route":"sales"}', "/fit: Too big"],
  ])("is refused when it is %s, and the message says what is wrong and what is wanted", (_, text, why) => {
    const message = messageOf(() => reply.read(text));

    expect(message).toContain(why);
    expect(message).toContain('the answer must be one JSON object with the keys "fit", "route" and no others');
  });

  test("names every fault at once, for the one repair attempt", () => {
    const message = messageOf(() => createJsonReply([field("fit"), field("route"), field("why")], object).read('{"fit":"7","why":1}'));

    expect(message).toContain("/fit: Invalid input: expected number, received string; /route: ");
    expect(message).toContain("/why: Invalid input: Invalid input: expected string, received number; or: Invalid input: expected array");
  });
});

describe("a text answer", () => {
  test("is written unchanged, also when it looks like JSON", () => {
    expect(createTextReply(field("why"))('```json\n{"a":1}\n``` ')).toEqual({ why: '```json\n{"a":1}\n``` ' });
  });

  test("that breaks the field's own rules is the model's fault, not the node's", () => {
    expect(messageOf(() => createTextReply(field("short"))("too long"))).toContain("/short: Too big");
  });
});

describe("findJsonReply", () => {
  test("finds JSON that is the whole reply, a fence around it allowed, and else nothing", () => {
    expect(findJsonReply('```json\n{"a":1}\n```')).toEqual({ a: 1 });
    expect(findJsonReply("null")).toBeNull();
    expect(findJsonReply('the answer: {"a":1}')).toBeUndefined();
    expect(findJsonReply('{"a":1,"a":2}')).toBeUndefined();
    expect(findJsonReply("```")).toBeUndefined();
  });
});
