import { MODELS } from "./model-data.ts";
import { findModel, type Model, type PriceTier } from "./models.ts";

/** The tokens that a vendor bills for one call. */
export interface BilledTokens {
  /** All input tokens, cached ones included; `null` where the vendor did not say. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Of the cache writes, those kept for an hour; 0 by default. */
  readonly cacheWriteHourTokens?: number;
}

/**
 * US dollars of one call at a time (milliseconds since 1970), or `null` when the model, its price at that time or a count is unknown: never
 * 0 for unknown. Rows of `models` replace ours.
 */
export function costOf(usage: BilledTokens, model: string, at: number, models: readonly Model[] = MODELS): number | null {
  const { tokensIn, tokensOut, cacheReadTokens, cacheWriteTokens, cacheWriteHourTokens = 0 } = usage;
  if (tokensIn === null || tokensOut === null) return null;
  const tier = findTier(findModel(model, models), tokensIn, at);
  if (tier === undefined) return null;
  const plain = tokensIn - cacheReadTokens - cacheWriteTokens;
  const parts = [
    charge(plain, tier.input),
    charge(tokensOut, tier.output),
    charge(cacheReadTokens, tier.cacheRead),
    charge(cacheWriteTokens - cacheWriteHourTokens, tier.cacheWrite),
    charge(cacheWriteHourTokens, tier.cacheWriteHour),
  ];
  let dollars = 0;
  for (const part of parts) {
    if (part === null) return null;
    dollars += part;
  }
  return Math.round(dollars * 1e12) / 1e12; // cuts the tail of floating point, far below a token's price
}

function findTier(model: Model | undefined, tokensIn: number, at: number): PriceTier | undefined {
  const day = new Date(at).toISOString().slice(0, 10);
  const row = model?.prices.find(({ effectiveFrom }) => effectiveFrom <= day);
  return row?.tiers.find(({ upToTokensIn }) => tokensIn <= upToTokensIn);
}

function charge(tokens: number, dollarsPerMillion: number | null): number | null {
  if (tokens === 0) return 0;
  if (tokens < 0 || dollarsPerMillion === null) return null;
  return (tokens * dollarsPerMillion) / 1_000_000;
}
