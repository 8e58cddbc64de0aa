import { Document } from "@langchain/core/documents";
import {
  AIMessage,
  AIMessageChunk,
  ChatMessage,
  FunctionMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { Overwrite, Send } from "@langchain/langgraph";
import { DeltaSnapshot } from "@langchain/langgraph-checkpoint";
import { describe, expect, test } from "vitest";
import { dumpValue, loadValue } from "./serde.ts";

const again = (value: unknown) => loadValue(dumpValue(value, "channel"));

describe("what JSON cannot hold comes back as it was", () => {
  test.each([
    ["undefined", undefined],
    ["undefined inside", { a: undefined, list: [undefined, 1] }],
    ["numbers", [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ["a bigint", { n: 12345678901234567890n }],
    ["a date", [new Date(1_700_000_000_000), new Date(Number.NaN)]],
    ["a map", new Map<unknown, unknown>([["a", new Map([[1, new Set([2])]])]])],
    ["a set", new Set(["a", { b: 1 }])],
    ["a pattern", /a+\/b/giu],
    ["an address", new URL("https://example.org/?q=1")],
    ["bytes", [new Uint8Array([0, 1, 255]), Buffer.from("Zoë")]],
    ["odd texts", { text: '\u0000 \ud83d 漢 " \\', "": "", "a.b": 1 }],
    ["a snapshot", new DeltaSnapshot([new HumanMessage("hi")])],
    ["a document", new Document({ pageContent: "text", metadata: { page: 1 }, id: "d1" })],
  ])("%s", (_, value) => {
    expect(again(value)).toStrictEqual(value);
  });

  test("an error keeps its name and words", () => {
    const error = again(new TypeError("no such thing")) as Error;

    expect([error instanceof Error, error.name, error.message]).toEqual([true, "TypeError", "no such thing"]);
  });

  test("what goes to nodes is known again by its shape", () => {
    expect(again(new Send("node", { a: new Date(0) }))).toEqual({ node: "node", args: { a: new Date(0) } });
    expect(again(new Overwrite([1]))).toEqual({ __overwrite__: [1] });
  });
});

describe("messages", () => {
  test.each([
    new HumanMessage({ content: "hello", id: "h1", name: "ann" }),
    new HumanMessage({
      content: [
        { type: "text", text: "see" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } },
      ],
    }),
    new AIMessage({
      content: "",
      id: "a1",
      tool_calls: [{ id: "c1", name: "search", args: { q: "x" }, type: "tool_call" }],
      invalid_tool_calls: [{ id: "c2", name: "bad", args: "{", error: "no JSON", type: "invalid_tool_call" }],
      usage_metadata: { input_tokens: 3, output_tokens: 4, total_tokens: 7 },
      response_metadata: { model_name: "m", finish_reason: "tool_calls" },
      additional_kwargs: { extra: [1] },
    } as never),
    new AIMessage({ content: [{ type: "text", text: "one" }], response_metadata: { output_version: "v1" } }),
    new AIMessageChunk({ content: "par", id: "a2", tool_call_chunks: [{ name: "s", args: '{"q":', index: 0, type: "tool_call_chunk" }] }),
    new SystemMessage("be kind"),
    new ToolMessage({ content: "found", tool_call_id: "c1", status: "success", artifact: new Map([["raw", 1]]) }),
    new FunctionMessage({ content: "{}", name: "f" }),
    new ChatMessage({ content: "hm", role: "critic" }),
    new RemoveMessage({ id: "h1" }),
  ])("%# come back as the same class with the same fields", (message) => {
    const [back] = again([message]) as [typeof message];

    expect(back.constructor).toBe(message.constructor);
    expect({ ...back }).toEqual({ ...message });
    expect(back.toDict()).toEqual(message.toDict());
  });

  test("of a vendor's own class come back as what they are", () => {
    class VendorMessage extends AIMessage {
      readonly secret = { not: "kept" };
    }

    const back = again(new VendorMessage("hi")) as AIMessage;

    expect([back.constructor, back.content]).toEqual([AIMessage, "hi"]);
  });
});

describe("data that looks like something else stays data", () => {
  test.each([
    [{ lc: 1, type: "constructor", id: ["langchain_core", "messages", "HumanMessage"], kwargs: { content: "hi" } }],
    [{ lc: 1, type: "constructor", id: ["os", "System"], kwargs: {} }],
    [{ lc: 2, type: "constructor", id: ["Map"], args: [[["a", 1]]] }],
    [{ $: "message", name: "human", value: { content: "I am not" } }],
    [{ $: "object", value: [["$", "bigint"]] }],
    [{ $: { $: "undefined" }, other: [{ $: 1 }] }],
    [{ type: "human", content: "hi", lg_name: "Send", node: "a", args: {} }],
  ])("%j", (value) => {
    expect(again(value)).toStrictEqual(value);
  });

  test("keys that would reach a prototype stay keys", () => {
    const back = again(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}')) as Record<string, unknown>;

    expect(Object.keys(back)).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("what cannot be kept is refused with its path", () => {
  class Session {
    readonly token = 1;
  }
  const circle: { self?: unknown } = {};
  circle.self = circle;

  test.each<[unknown, string]>([
    [{ a: [() => 1] }, "channel.a[0]: a function cannot be kept"],
    [{ s: Symbol("s") }, "channel.s: a symbol cannot be kept"],
    [{ user: { session: new Session() } }, "channel.user.session: a Session cannot be kept"],
    [new Map([["k", new Session()]]), "channel.<map>[0][1]: a Session"],
    [new ToolMessage({ content: "", tool_call_id: "1", artifact: { f: () => 1 } }), "channel.<tool message>.artifact.f: a function"],
    [circle, "is nested deeper than 500 levels, or in a circle"],
    [new Float64Array(2), "channel: a Float64Array cannot be kept"],
  ])("%#", (value, said) => {
    expect(() => dumpValue(value, "channel")).toThrow(
      expect.objectContaining({ code: "OV_PATCH_INVALID", message: expect.stringContaining(said) }),
    );
  });

  test("a tag of a later version is not taken for data", () => {
    expect(() => loadValue('{"$":"hologram","value":1}')).toThrow(expect.objectContaining({ code: "OV_RUN_UNSTORABLE" }));
  });
});
