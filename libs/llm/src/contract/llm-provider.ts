/** What every sibling of `LlmProvider` promises: run this suite on each. */
import { setTimeout as delay } from "node:timers/promises";
import type { JsonSchema } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { LlmProvider, LlmRequest } from "../llm-provider.ts";
import { MODEL_ALIASES } from "../models.ts";

export interface LlmOptions {
  /** Time before each answer. */
  readonly delayMs: number;
}

export interface LlmUnderTest {
  readonly name: string;
  /** Tells its text while it comes. */
  readonly streams: boolean;
  /** A model that answers as {@link replyFor} says, or with the prompt in its text and JSON that fits the schema. */
  open(options: LlmOptions): Promise<AsyncDisposable & { readonly llm: LlmProvider }>;
}

const VERDICT: JsonSchema = {
  type: "object",
  properties: {
    company_name: { type: "string" },
    fit_score: { type: "integer", minimum: 1, maximum: 100 },
    tier: { enum: ["a", "b"] },
    reasons: { type: "array", items: { type: "string" }, minItems: 1 },
  },
  required: ["company_name", "fit_score", "tier", "reasons"],
  additionalProperties: false,
};

/** For siblings that a test drives: repeats the prompt, or gives JSON of the suite's schema. */
export function replyFor({ user, schema }: { readonly user: string; readonly schema?: object | undefined }): string {
  return schema === undefined
    ? `You said: ${user}`
    : JSON.stringify({ company_name: "Acme", fit_score: 85, tier: "a", reasons: ["grows"] });
}

const REQUEST: LlmRequest = { system: "You are friendly.", user: "Say hello to Ada Lovelace!", model: "haiku", maxTokens: 200 };

export function llmProviderContract({ name, streams, open }: LlmUnderTest): void {
  const { signal } = new AbortController();

  describe(`${name} keeps the promises of LlmProvider`, () => {
    test.each(MODEL_ALIASES)("the alias %s stands for an id that stays as it is", async (alias) => {
      await using opened = await open({ delayMs: 0 });

      const id = opened.llm.resolveModel(alias);

      expect(id).not.toBe(alias);
      expect(opened.llm.resolveModel(id)).toBe(id);
    });

    test.each(["haikuu", "", "constructor", "two words 2"])(
      "a model %j that nobody knows is refused, with the aliases that are",
      async (model) => {
        await using opened = await open({ delayMs: 0 });

        const refusal = { code: "OV_MODEL_UNKNOWN", message: expect.stringContaining("haiku, sonnet, opus, fast, smart") };
        expect(() => opened.llm.resolveModel(model)).toThrow(expect.objectContaining(refusal));
        await expect(opened.llm.complete({ ...REQUEST, model }, { signal })).rejects.toMatchObject(refusal);
      },
    );

    test("a prompt is answered with text, by a model that names itself", async () => {
      await using opened = await open({ delayMs: 0 });

      const completion = await opened.llm.complete(REQUEST, { signal });

      expect(completion.content).toContain("Ada Lovelace");
      expect(completion.model).toBe(opened.llm.resolveModel("haiku"));
    });

    test("with a schema the answer is JSON of that schema", async () => {
      await using opened = await open({ delayMs: 0 });

      const { content } = await opened.llm.complete({ ...REQUEST, schema: VERDICT }, { signal });

      expect(JSON.parse(content)).toEqual({
        company_name: expect.any(String),
        fit_score: expect.toSatisfy((score: unknown) => Number.isInteger(score) && Number(score) >= 1 && Number(score) <= 100),
        tier: expect.stringMatching(/^[ab]$/),
        reasons: expect.arrayContaining([expect.any(String)]),
      });
    });

    test("tokens are counted, and money is a number or unknown", async () => {
      await using opened = await open({ delayMs: 0 });

      const completion = await opened.llm.complete(REQUEST, { signal });

      expect(completion.tokensIn).toSatisfy((count: unknown) => Number.isInteger(count) && Number(count) > 0);
      expect(completion.tokensOut).toSatisfy((count: unknown) => Number.isInteger(count) && Number(count) > 0);
      expect(completion.cacheReadTokens + completion.cacheWriteTokens).toBeLessThanOrEqual(completion.tokensIn ?? 0);
      expect(completion.costUsd).toSatisfy((cost: unknown) => cost === null || (Number.isFinite(cost) && Number(cost) >= 0));
    });

    test("what is told piece by piece is the answer", async () => {
      await using opened = await open({ delayMs: 0 });
      const pieces: string[] = [];

      const completion = await opened.llm.complete(REQUEST, { signal, onDelta: (text) => pieces.push(text) });

      if (streams) expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join("")).toBe(completion.content);
      expect(completion.tokensOut).toBeGreaterThan(0);
    });

    test("calls at the same time get their own answers", async () => {
      await using opened = await open({ delayMs: 0 });
      const users = ["alpha-1", "beta-2", "gamma-3", "delta-4", "epsilon-5"];

      const completions = await Promise.all(users.map((user) => opened.llm.complete({ ...REQUEST, user }, { signal })));

      expect(completions.map(({ content }) => content)).toEqual(users.map((user) => expect.stringContaining(user)));
    });

    test("an abort ends a call at once, with the caller's own reason", async () => {
      await using opened = await open({ delayMs: 60_000 });
      const caller = new AbortController();
      const reason = new Error("the run was cancelled");
      const call = opened.llm.complete(REQUEST, { signal: caller.signal });
      const outcome = Promise.race([call.catch((error: unknown) => error), delay(2_000, "still waiting")]);

      await delay(20); // so that the call is under way; sooner is a case of its own below
      caller.abort(reason);

      expect(await outcome).toBe(reason);
    });

    test("a call whose signal has aborted before does not begin", async () => {
      await using opened = await open({ delayMs: 0 });
      const reason = new Error("too late");

      await expect(opened.llm.complete(REQUEST, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });
  });
}
