export { type LlmOptions, type LlmUnderTest, llmProviderContract, replyFor } from "./llm-provider.ts";
