import { type JsonSchema, type OpenVibeError, silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { llmProviderContract, replyFor } from "../contract/index.ts";
import { type AnthropicOptions, createAnthropic } from "./anthropic.ts";
import { KEY, openScene, PROMPT, REQUEST } from "./scene.fixture.ts";

const { signal } = new AbortController();

llmProviderContract({
  name: "anthropic",
  streams: true,
  open: ({ delayMs }) => openScene({ delayMs, reply: ({ user, schema }) => replyFor({ user, schema }) }, { timeoutMs: 120_000 }),
});

describe("anthropic asks", () => {
  test("with the key as a bearer token, the model's id, and no more than the request says", async () => {
    await using scene = await openScene({ reply: () => "fine" });

    await scene.llm.complete(REQUEST, { signal });

    const [asked] = scene.loopback.requests;
    expect(asked?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(asked?.headers["anthropic-version"]).toBe("2026-10-21");
    expect(asked?.body).toEqual({
      model: "claude-haiku-5-5",
      max_tokens: 200,
      system: REQUEST.system,
      messages: [{ role: "user", content: PROMPT }],
    });
  });

  test("to keep the system prompt when the caller wants it kept, and only that", async () => {
    await using scene = await openScene({ reply: () => "fine" });

    await scene.llm.complete({ ...REQUEST, cacheSystem: true }, { signal });
    await scene.llm.complete({ user: PROMPT, model: "haiku", maxTokens: 200, cacheSystem: true }, { signal });

    const [asked, without] = scene.loopback.requests;
    expect(asked?.body.system).toEqual([{ type: "text", text: REQUEST.system, cache_control: { type: "ephemeral" } }]);
    expect(asked?.body.messages).toEqual([{ role: "user", content: PROMPT }]);
    expect(without?.body).not.toHaveProperty("system");
  });

  test.each([
    ["haiku", undefined],
    ["claude-haiku-4-5-20251001", 0.2],
    ["claude-opus-9", undefined],
  ])("%s for temperature only when it takes it: %s", async (model, sent) => {
    await using scene = await openScene({ reply: () => "fine" });

    await scene.llm.complete({ ...REQUEST, model, temperature: 0.2 }, { signal });

    expect(scene.loopback.requests[0]?.temperature).toBe(sent);
  });

  test("for a schema in the vendor's subset, with the rest of it in words", async () => {
    await using scene = await openScene({ reply: () => '{"score": 5}' });
    const schema: JsonSchema = { type: "object", properties: { score: { type: "integer", minimum: 1 } }, required: ["score"] };

    await scene.llm.complete({ ...REQUEST, schema }, { signal });

    expect(scene.loopback.requests[0]?.schema).toEqual({
      type: "object",
      properties: { score: { type: "integer", description: "{minimum: 1}" } },
      required: ["score"],
      additionalProperties: false,
    });
  });

  test.each<[what: string, part: JsonSchema]>([
    ["a map of free keys", { type: "object", additionalProperties: { type: "number" } }],
    ["an object that says nothing of its keys", { type: "object" }],
    ["anything", {}],
    ["recursion", { $ref: "#" }],
  ])("in words for a schema with %s, which the vendor cannot enforce", async (_what, part) => {
    await using scene = await openScene({ reply: () => '{"it": {}}' });

    await scene.llm.complete({ ...REQUEST, schema: { type: "object", properties: { it: part }, required: ["it"] } }, { signal });

    const [asked] = scene.loopback.requests;
    expect(asked?.schema).toBe(undefined);
    expect(asked?.system).toMatch(/^You work for Fabrikam's board only\.\n\nAnswer with one JSON value.*"required":\["it"\]/s);
  });

  test("for a stream when the answer may be long, though nobody listens", async () => {
    await using scene = await openScene({ reply: () => "a long answer" });

    const { content } = await scene.llm.complete({ ...REQUEST, maxTokens: 64_000 }, { signal });

    expect(scene.loopback.requests[0]?.stream).toBe(true);
    expect(content).toBe("a long answer");
  });

  test("over a connection that it has, streamed or not", async () => {
    await using scene = await openScene({ reply: () => "fine" });

    for (let call = 0; call < 10; call++) await scene.llm.complete({ ...REQUEST, maxTokens: call % 2 === 0 ? 100 : 64_000 }, { signal });

    // Node's fetch gives a connection back one turn after the last byte, so that a caller in a hurry opens a second one, and no third.
    expect(await scene.loopback.openSockets()).toBeLessThanOrEqual(2);
  });
});

describe("anthropic counts", () => {
  test("input read from and written to a cache as input, and what it cost", async () => {
    const usage = { input_tokens: 1_000, cache_creation_input_tokens: 2_000, cache_read_input_tokens: 3_000, output_tokens: 100 };
    await using scene = await openScene({ reply: () => ({ text: "fine", usage }) });

    expect(await scene.llm.complete(REQUEST, { signal })).toEqual({
      content: "fine",
      tokensIn: 6_000,
      tokensOut: 100,
      cacheReadTokens: 3_000,
      cacheWriteTokens: 2_000,
      model: "claude-haiku-5-5",
      costUsd: 0.00043,
    });
  });

  test.each<[what: string, usage: Record<string, unknown> | null, counts: object]>([
    ["missing", null, { tokensIn: null, tokensOut: null, costUsd: null }],
    ["empty", {}, { tokensIn: null, tokensOut: null, costUsd: null }],
    ["negative", { input_tokens: -5, output_tokens: -1 }, { tokensIn: null, tokensOut: null, costUsd: null }],
    ["texts", { input_tokens: "12", output_tokens: "3" }, { tokensIn: null, tokensOut: null, costUsd: null }],
    ["broken", { input_tokens: 1.5, output_tokens: 3 }, { tokensIn: null, tokensOut: 3, costUsd: null }],
    ["wrong for the cache", { input_tokens: 5, cache_read_input_tokens: -1, output_tokens: 3 }, { tokensIn: null, cacheReadTokens: 0 }],
    ["of a dearer tier", { input_tokens: 5, output_tokens: 3, service_tier: "priority" }, { tokensIn: 5, tokensOut: 3, costUsd: null }],
  ])("nothing where the vendor's usage is %s", async (_what, usage, counts) => {
    await using scene = await openScene({ reply: () => ({ text: "fine", usage }) });

    expect(await scene.llm.complete(REQUEST, { signal })).toMatchObject(counts);
    expect(await scene.llm.complete(REQUEST, { signal, onDelta: () => {} })).toMatchObject(counts);
  });

  test("money by the model that answered, and says so once when its price is unknown", async () => {
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object, message: string) => void warnings.push({ ...fields, message }) };
    await using scene = await openScene({ reply: () => ({ text: "fine", model: "claude-other-1" }) }, { logger });

    const first = await scene.llm.complete(REQUEST, { signal });
    await scene.llm.complete(REQUEST, { signal });

    expect(first).toMatchObject({ model: "claude-other-1", costUsd: null });
    expect(warnings).toEqual([{ model: "claude-other-1", message: "cost of a model call is unknown" }]);
  });

  test("the days of a model that retires", async () => {
    const warnings: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object, message: string) => void warnings.push({ ...fields, message }) };
    await using scene = await openScene({ reply: () => "fine" }, { logger });

    await scene.llm.complete({ ...REQUEST, model: "claude-sonnet-4-5-20250929" }, { signal });

    expect(warnings).toEqual([{ model: "claude-sonnet-4-5-20250929", retires_on: "2026-11-30", message: "model retires" }]);
  });
});

describe("anthropic does not start", () => {
  test.each<[what: string, options: Partial<AnthropicOptions>]>([
    ["an empty key", { apiKey: "" }],
    ["a key with a line break", { apiKey: `${KEY}\n` }],
    ["an address that is none", { baseUrl: "api.anthropic.com" }],
    ["an address with a password", { baseUrl: `https://me:${KEY}@proxy.example` }],
    ["a file", { baseUrl: "file:///etc/passwd" }],
    ["no time", { timeoutMs: 0 }],
    ["endless time", { timeoutMs: Infinity }],
    ["endless silence", { idleMs: Number.NaN }],
  ])("with %s", (_what, options) => {
    const error = thrownBy(() => createAnthropic({ apiKey: KEY, ...options }));

    expect(error.code).toBe("OV_CONFIG_INVALID");
    expectNoKey(error);
  });

  test("another vendor's model at its own address", () => {
    expect(() => createAnthropic({ apiKey: KEY }).resolveModel("gpt-6-luna")).toThrow(
      expect.objectContaining({ code: "OV_MODEL_UNKNOWN" }),
    );
    expect(createAnthropic({ apiKey: KEY, baseUrl: "http://127.0.0.1:9" }).resolveModel("gpt-6-luna")).toBe("gpt-6-luna");
  });
});

function thrownBy(act: () => unknown): OpenVibeError {
  try {
    act();
  } catch (error) {
    return error as OpenVibeError;
  }
  return expect.fail("nothing was thrown");
}

function expectNoKey(error: Error): void {
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(KEY);
}
