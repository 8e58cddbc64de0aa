export type { Completion, LlmCallOptions, LlmProvider, LlmRequest } from "./llm-provider.ts";
