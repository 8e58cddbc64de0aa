import { setTimeout as delay } from "node:timers/promises";
import type { LlmProvider } from "@openvibe/llm";
import { toReply } from "../w4.ts";

/** Answers a prompt of the form `<milliseconds>|<text>` after that time. */
export const benchModel: LlmProvider = {
  name: "bench",
  resolveModel: (model) => model,
  async complete({ user, model }, { signal }) {
    const bar = user.indexOf("|");
    const ms = Number(user.slice(0, bar));
    if (ms > 0) await delay(ms, undefined, { signal });
    const content = toReply(user.slice(bar + 1));
    return { content, tokensIn: 60, tokensOut: 20, cacheReadTokens: 0, cacheWriteTokens: 0, model, costUsd: null };
  },
};
