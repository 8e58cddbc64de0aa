/** What is known about models: their aliases, prices and limits. The facts are in `model-data.ts`. */
import { OpenVibeError } from "@openvibe/core";
import { MODELS } from "./model-data.ts";

export const MODEL_ALIASES = ["haiku", "sonnet", "opus", "fast", "smart"] as const;
/** Names that an author writes instead of a vendor's id, so that a workflow does not name a vendor. */
export type ModelAlias = (typeof MODEL_ALIASES)[number];

export interface Model {
  readonly id: string;
  readonly provider: string;
  /** Whether the vendor accepts `temperature` for it; sent to nobody else, who would refuse the whole request. */
  readonly takesTemperature: boolean;
  /** The last day it answers, as the vendor announced it: `2026-11-30`. */
  readonly retiresOn?: string;
  /** The newest first. */
  readonly prices: readonly PriceRow[];
}

export interface PriceRow {
  /** The first day (UTC) of this price: `2026-10-07`. */
  readonly effectiveFrom: string;
  /** By length of the prompt, the shortest first; the tier holds for the whole request. */
  readonly tiers: readonly PriceTier[];
}

/** US dollars per million tokens; `null` where nobody published it. */
export interface PriceTier {
  /** Input tokens, cached ones included, up to which the tier holds. */
  readonly upToTokensIn: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number | null;
  /** Written for the vendor's short time (five minutes at Anthropic). */
  readonly cacheWrite: number | null;
  readonly cacheWriteHour: number | null;
}

/** Finds a model by its id; the date at the end of one (`claude-haiku-5-5-20261007`) may be missing or unknown. */
export function findModel(id: string, models: readonly Model[] = MODELS): Model | undefined {
  return models.find((model) => model.id === id) ?? models.find((model) => withoutDate(model.id) === withoutDate(id));
}

function withoutDate(id: string): string {
  return id.replace(/-\d{8}$/, "");
}

/**
 * Turns an alias into the id it stands for; an id stays as it is. A bare word that is no alias is taken for a misspelt one.
 * @throws OpenVibeError OV_MODEL_UNKNOWN
 */
export function resolveAlias(provider: string, aliases: Readonly<Record<ModelAlias, string>>, model: string, isId = looksLikeId): string {
  for (const alias of MODEL_ALIASES) if (alias === model) return aliases[alias];
  if (isId(model)) return model;
  const shown = JSON.stringify(model.slice(0, 100));
  throw new OpenVibeError(
    "OV_MODEL_UNKNOWN",
    `${provider} knows no model ${shown}; aliases are ${MODEL_ALIASES.join(", ")}, or use a vendor's id`,
    {
      extra: { allowed: MODEL_ALIASES },
    },
  );
}

/** Every vendor's ids hold a digit or one of `-.:/`; aliases never do. */
export function looksLikeId(model: string): boolean {
  return /^[\w][\w.:/@-]{0,199}$/.test(model) && /[\d.:/-]/.test(model);
}
