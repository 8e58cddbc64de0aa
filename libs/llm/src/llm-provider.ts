import type { JsonSchema } from "@openvibe/core";

export interface LlmRequest {
  readonly system?: string;
  readonly user: string;
  /** An alias (`haiku`, `sonnet`, `opus`, `fast`, `smart`) or a vendor's model id. */
  readonly model: string;
  readonly maxTokens: number;
  /** Sent only to models that take it. */
  readonly temperature?: number;
  /** Asks the vendor to keep the system prompt for the next calls, where it can. What it charges for that is in the answer's cache tokens. */
  readonly cacheSystem?: boolean;
  /** The reply must be JSON of this schema; enforced by the vendor where it can, always checked by the caller. */
  readonly schema?: JsonSchema;
}

export interface LlmCallOptions {
  readonly signal: AbortSignal;
  /** Hears the reply's text piece by piece, where the vendor streams. */
  readonly onDelta?: (text: string) => void;
}

export interface Completion {
  readonly content: string;
  /** All input tokens, cached ones included. `null` where the vendor did not say. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** The model that answered, as the vendor names it. */
  readonly model: string;
  /** US dollars; `null` when the price or the tokens are unknown, never 0 for unknown. */
  readonly costUsd: number | null;
}

/**
 * A language model. One call, one attempt: retries are `withRetries` around it.
 * @throws OpenVibeError OV_MODEL_UNKNOWN, OV_LLM_AUTH, OV_LLM_REQUEST_REFUSED, OV_LLM_RATE_LIMITED (with `retryAfterMs` where told), OV_LLM_UNAVAILABLE,
 * OV_LLM_TIMEOUT, OV_LLM_RESPONSE_INVALID, OV_LLM_REFUSED, OV_LLM_TRUNCATED; the signal's reason when it aborts. Messages hold no key and no prompt.
 */
export interface LlmProvider {
  readonly name: string;
  /** The vendor's id for an alias; an id stays as it is. @throws OpenVibeError OV_MODEL_UNKNOWN */
  resolveModel(model: string): string;
  complete(request: LlmRequest, options: LlmCallOptions): Promise<Completion>;
}
