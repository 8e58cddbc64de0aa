import { isOpenVibeError, OpenVibeError, type OpenVibeErrorOptions, type ProblemCode } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import type { LlmProvider } from "./llm-provider.ts";
import { createScripted } from "./scripted/index.ts";
import { isWorthAnotherModel, type LlmRetry, withRetries } from "./with-retries.ts";

const REQUEST = { user: "Say hello!", model: "haiku", maxTokens: 100 };
const { signal } = new AbortController();

/** Fails with each error in turn, then answers; waits are written down, not waited. */
function scene({ errors, random = 1, attempts }: { errors: readonly Error[]; random?: number; attempts?: number }) {
  const left = [...errors];
  const inner = createScripted(() => left.shift() ?? "at last");
  const waits: number[] = [];
  const retries: LlmRetry[] = [];
  const llm = withRetries(inner, {
    ...(attempts === undefined ? {} : { attempts }),
    random: () => random,
    sleep: async (ms) => waits.push(ms),
    onRetry: (retry) => retries.push(retry),
  });
  return { llm, waits, retries, calls: () => inner.requests.length };
}

function failure(code: ProblemCode, options: OpenVibeErrorOptions = {}): OpenVibeError {
  return new OpenVibeError(code, "it failed", options);
}

describe("a model call with retries", () => {
  test.each<ProblemCode>(["OV_LLM_UNAVAILABLE", "OV_LLM_RATE_LIMITED", "OV_LLM_TIMEOUT", "OV_LLM_RESPONSE_INVALID"])(
    "%s is tried again",
    async (code) => {
      const { llm, retries } = scene({ errors: [failure(code)] });

      expect(await llm.complete(REQUEST, { signal })).toMatchObject({ content: "at last" });
      expect(retries).toMatchObject([{ attempt: 1, error: { code }, delayMs: 500 }]);
    },
  );

  test.each<ProblemCode>([
    "OV_LLM_AUTH",
    "OV_LLM_REQUEST_REFUSED",
    "OV_MODEL_UNKNOWN",
    "OV_LLM_REFUSED",
    "OV_LLM_TRUNCATED",
    "OV_INPUT_INVALID",
  ])("%s is not: it would fail again", async (code) => {
    const { llm, calls } = scene({ errors: [failure(code)] });

    await expect(llm.complete(REQUEST, { signal })).rejects.toMatchObject({ code });
    expect(calls()).toBe(1);
  });

  test("with a backoff, a limit and a choice of errors of the caller's own, from where it had come to", async () => {
    const errors = [failure("OV_LLM_REFUSED"), failure("OV_LLM_REFUSED", { retryAfterMs: 90_000 }), failure("OV_LLM_UNAVAILABLE")];
    const inner = createScripted(() => errors.shift() ?? "at last");
    const retries: [attempt: number, delayMs: number][] = [];
    const llm = withRetries(inner, {
      attempts: 5,
      made: 2,
      pauseAfter: (attempt) => attempt * 1_000,
      longestMs: 100_000,
      worthRetrying: (error) => isOpenVibeError(error, "OV_LLM_REFUSED"),
      sleep: async () => {},
      onRetry: ({ attempt, delayMs }) => retries.push([attempt, delayMs]),
    });

    await expect(llm.complete(REQUEST, { signal })).rejects.toMatchObject({ code: "OV_LLM_UNAVAILABLE" });
    expect(retries).toEqual([
      [3, 3_000],
      [4, 90_000],
    ]);
  });

  test.each<[code: ProblemCode, worth: boolean]>([
    ["OV_LLM_UNAVAILABLE", true],
    ["OV_LLM_RATE_LIMITED", true],
    ["OV_LLM_REFUSED", true],
    ["OV_LLM_REQUEST_REFUSED", true],
    ["OV_MODEL_UNKNOWN", true],
    ["OV_LLM_AUTH", false],
    ["OV_LLM_TRUNCATED", false],
    ["OV_RUN_CANCELLED", false],
  ])("another model after %s: %s", (code, worth) => {
    expect(isWorthAnotherModel(failure(code))).toBe(worth);
  });

  test("an error that is none of ours is thrown as it is", async () => {
    const bug = new TypeError("a bug");
    const { llm, calls } = scene({ errors: [bug] });

    await expect(llm.complete(REQUEST, { signal })).rejects.toBe(bug);
    expect(calls()).toBe(1);
  });

  test("the last attempt's error is the answer, after three attempts by default", async () => {
    const errors = [1, 2, 3, 4].map(() => failure("OV_LLM_UNAVAILABLE"));
    const { llm, calls } = scene({ errors });

    await expect(llm.complete(REQUEST, { signal })).rejects.toBe(errors[2]);
    expect(calls()).toBe(3);
  });

  test("waits double from 500 ms up to 30 s, and chance shortens them", async () => {
    const errors = Array.from({ length: 8 }, () => failure("OV_LLM_UNAVAILABLE"));
    const { llm, waits } = scene({ errors, attempts: 9 });
    const half = scene({ errors: errors.slice(0, 2), random: 0.5 });

    await llm.complete(REQUEST, { signal });
    await half.llm.complete(REQUEST, { signal });

    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(half.waits).toEqual([250, 500]);
  });

  test("the vendor's own time is waited for, up to 30 s", async () => {
    const { llm, waits } = scene({ errors: [failure("OV_LLM_RATE_LIMITED", { retryAfterMs: 30_000 })] });

    await llm.complete(REQUEST, { signal });

    expect(waits).toEqual([30_000]);
  });

  test("a vendor that asks for more than 30 s is not waited for", async () => {
    const error = failure("OV_LLM_RATE_LIMITED", { retryAfterMs: 3_600_000 });
    const { llm, waits } = scene({ errors: [error] });

    await expect(llm.complete(REQUEST, { signal })).rejects.toBe(error);
    expect(waits).toEqual([]);
  });

  test("an abort ends the wait at once, with its own reason", async () => {
    const caller = new AbortController();
    const waiting = Promise.withResolvers<void>();
    const llm = withRetries(
      createScripted(() => failure("OV_LLM_RATE_LIMITED", { retryAfterMs: 30_000 })),
      { onRetry: () => waiting.resolve() },
    );
    const call = llm.complete(REQUEST, { signal: caller.signal });

    await waiting.promise;
    caller.abort("cancelled");

    await expect(call).rejects.toBe("cancelled");
  });

  test("an abort during an attempt is no failure to try again, whatever the attempt made of it", async () => {
    const caller = new AbortController();
    const retries: LlmRetry[] = [];
    const clumsy: LlmProvider = {
      ...createScripted(() => "never"),
      complete: async () => {
        caller.abort("cancelled");
        throw failure("OV_LLM_UNAVAILABLE");
      },
    };

    const call = withRetries(clumsy, { onRetry: (retry) => retries.push(retry) }).complete(REQUEST, { signal: caller.signal });

    await expect(call).rejects.toBe("cancelled");
    expect(retries).toEqual([]);
  });

  test("name and models are the provider's own", () => {
    const llm = withRetries(createScripted(() => "yes"));

    expect(llm.name).toBe("scripted");
    expect(llm.resolveModel("haiku")).toBe("scripted-haiku");
  });

  test.each([0, -1, 1.5, Number.NaN])("%d attempts are refused", (attempts) => {
    expect(() =>
      withRetries(
        createScripted(() => "yes"),
        { attempts },
      ),
    ).toThrow(expect.objectContaining({ code: "OV_CONFIG_INVALID" }));
  });
});
