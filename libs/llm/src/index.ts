export { type BilledTokens, costOf } from "./cost-of.ts";
export { estimateTokens } from "./estimate-tokens.ts";
export type { Completion, LlmCallOptions, LlmProvider, LlmRequest } from "./llm-provider.ts";
export { ALIASES, MODELS } from "./model-data.ts";
export {
  findModel,
  looksLikeId,
  MODEL_ALIASES,
  type Model,
  type ModelAlias,
  type PriceRow,
  type PriceTier,
  resolveAlias,
} from "./models.ts";
export { findTargetFault, isAlias, type OwnAliases, withOwnAliases } from "./own-aliases.ts";
export { isWorthAnotherModel, type LlmRetry, type RetryOptions, withRetries } from "./with-retries.ts";
