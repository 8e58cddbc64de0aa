import { describe, expect, test } from "vitest";
import { llmProviderContract } from "../contract/index.ts";
import { createEcho } from "./echo.ts";

llmProviderContract({
  name: "echo",
  streams: true,
  open: async ({ delayMs }) => ({ llm: createEcho({ delayMs }), async [Symbol.asyncDispose]() {} }),
});

describe("echo", () => {
  const { signal } = new AbortController();

  test("says what it is, and repeats no more than the beginning of a long prompt", async () => {
    const { content } = await createEcho().complete(
      { user: `Hello\n  ${"world ".repeat(1_000)}`, model: "fast", maxTokens: 10 },
      { signal },
    );

    expect(content).toMatch(/^\[echo\] Hello world world/);
    expect(content.length).toBeLessThanOrEqual(208);
  });

  test("the same request gets the same answer, which costs nothing", async () => {
    const request = { user: "Say hello!", model: "haiku", maxTokens: 100 };

    const first = await createEcho().complete(request, { signal });
    const second = await createEcho().complete(request, { signal });

    expect(first).toEqual(second);
    expect(first).toMatchObject({ content: "[echo] Say hello!", model: "echo-haiku", costUsd: 0, tokensIn: 3, tokensOut: 5 });
  });

  test("runs an operator that names a vendor's id", () => {
    expect(createEcho().resolveModel("claude-opus-4-6")).toBe("claude-opus-4-6");
    expect(createEcho().resolveModel("llama3.2")).toBe("llama3.2");
  });
});
