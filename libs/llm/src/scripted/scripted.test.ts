import { setTimeout as delay } from "node:timers/promises";
import { OpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { llmProviderContract, replyFor } from "../contract/index.ts";
import { createScripted } from "./scripted.ts";

llmProviderContract({
  name: "scripted",
  streams: false,
  open: async ({ delayMs }) => ({
    llm: createScripted((request, { signal }) => (delayMs === 0 ? replyFor(request) : delay(delayMs, replyFor(request), { signal }))),
    async [Symbol.asyncDispose]() {},
  }),
});

describe("scripted", () => {
  const { signal } = new AbortController();
  const request = { user: "Say hello!", model: "haiku", maxTokens: 100 };

  test("keeps what it was asked, oldest first", async () => {
    const llm = createScripted(() => "yes");

    await llm.complete(request, { signal });
    await llm.complete({ ...request, user: "And now?" }, { signal });

    expect(llm.requests.map(({ user }) => user)).toEqual(["Say hello!", "And now?"]);
  });

  test("answers with a whole completion as it is given", async () => {
    const completion = {
      content: "hi",
      tokensIn: null,
      tokensOut: null,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      model: "m-1",
      costUsd: null,
    };

    expect(await createScripted(() => completion).complete(request, { signal })).toEqual(completion);
  });

  test("fails with an error that the script gives or throws", async () => {
    const error = new OpenVibeError("OV_LLM_UNAVAILABLE", "down");
    const thrower = () => {
      throw error;
    };

    await expect(createScripted(() => error).complete(request, { signal })).rejects.toBe(error);
    await expect(createScripted(thrower).complete(request, { signal })).rejects.toBe(error);
  });

  test("a script that never answers ends with the caller's signal", async () => {
    const caller = new AbortController();
    const call = createScripted(() => new Promise<string>(() => {})).complete(request, { signal: caller.signal });

    caller.abort("enough");

    await expect(call).rejects.toBe("enough");
  });

  test("aliases can stand for ids of one's own", () => {
    const llm = createScripted(() => "yes", { aliases: { smart: "clever-1" } });

    expect(llm.resolveModel("smart")).toBe("clever-1");
    expect(llm.resolveModel("fast")).toBe("scripted-fast");
  });
});
