export { llmProviderContract, replyFor } from "./llm-provider.ts";
