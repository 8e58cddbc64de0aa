import { estimateTokens } from "./estimate-tokens.ts";
import type { Completion, LlmRequest } from "./llm-provider.ts";

/** The completion of a model that costs nothing and counts no tokens: they are estimated. */
export function freeCompletion(content: string, { system = "", user }: LlmRequest, model: string): Completion {
  return {
    content,
    tokensIn: estimateTokens(system) + estimateTokens(user),
    tokensOut: estimateTokens(content),
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    model,
    costUsd: 0,
  };
}
