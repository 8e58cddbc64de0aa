/**
 * Facts about models, collected on 2026-11-22: data only, so it is longer than a file should be. US dollars per million tokens.
 * A price that nobody published is `null` and makes a cost unknown, never free. A change of price is a new row with its date, above the old
 * one. Sources: pages of platform.claude.com, docs.litellm.ai and codexometer as kept in November 2026, and the package genai-prices 0.1.8.
 */
import type { Model, ModelAlias } from "./models.ts";

export const ALIASES = {
  anthropic: {
    haiku: "claude-haiku-5-5",
    sonnet: "claude-sonnet-5-5",
    opus: "claude-opus-5-5",
    fast: "claude-haiku-5-5",
    smart: "claude-opus-5-5",
  },
  openai: {
    haiku: "gpt-6-luna",
    sonnet: "gpt-6.1-terra",
    opus: "gpt-6.1-sol",
    fast: "gpt-6-luna",
    smart: "gpt-6.1-sol",
  },
} as const satisfies Record<"anthropic" | "openai", Record<ModelAlias, string>>;

/** Stands for "since the model came out". */
const RELEASE = "2000-01-01";

export const MODELS: readonly Model[] = [
  {
    id: "claude-haiku-5-5",
    provider: "anthropic",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [
          { upToTokensIn: 100_000, input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125, cacheWriteHour: 0.2 },
          { upToTokensIn: Infinity, input: 0.5, output: 2.5, cacheRead: 0.05, cacheWrite: 0.625, cacheWriteHour: 1 },
        ],
      },
    ],
  },
  {
    id: "claude-sonnet-5-5",
    provider: "anthropic",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: "2026-10-07",
        tiers: [{ upToTokensIn: Infinity, input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5, cacheWriteHour: 4 }],
      },
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5, cacheWriteHour: 4 }],
      },
    ],
  },
  {
    id: "claude-opus-5-5",
    provider: "anthropic",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5, cacheWriteHour: 8 }],
      },
    ],
  },
  {
    id: "claude-fable-5-1",
    provider: "anthropic",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 10, output: 50, cacheRead: 0.25, cacheWrite: 12.5, cacheWriteHour: 20 }],
      },
    ],
  },
  {
    id: "claude-haiku-4-5-20251001",
    provider: "anthropic",
    takesTemperature: true,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25, cacheWriteHour: 2 }],
      },
    ],
  },
  {
    id: "claude-sonnet-4-5-20250929",
    provider: "anthropic",
    takesTemperature: true,
    retiresOn: "2026-11-30",
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [
          { upToTokensIn: 200_000, input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75, cacheWriteHour: 6 },
          { upToTokensIn: Infinity, input: 6, output: 22.5, cacheRead: 0.6, cacheWrite: 7.5, cacheWriteHour: 12 },
        ],
      },
    ],
  },
  {
    id: "claude-opus-4-6",
    provider: "anthropic",
    takesTemperature: true,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25, cacheWriteHour: 10 }],
      },
    ],
  },
  {
    id: "gpt-6-luna",
    provider: "openai",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [
          { upToTokensIn: 272_000, input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125, cacheWriteHour: null },
          { upToTokensIn: Infinity, input: 0.2, output: 0.75, cacheRead: 0.02, cacheWrite: 0.25, cacheWriteHour: null },
        ],
      },
    ],
  },
  {
    id: "gpt-6.1-terra",
    provider: "openai",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [
          { upToTokensIn: 272_000, input: 1, output: 5, cacheRead: 0.05, cacheWrite: 1.25, cacheWriteHour: null },
          { upToTokensIn: Infinity, input: 2, output: 7.5, cacheRead: null, cacheWrite: null, cacheWriteHour: null },
        ],
      },
    ],
  },
  {
    id: "gpt-6.1-sol",
    provider: "openai",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 2, output: 10, cacheRead: 0.1, cacheWrite: null, cacheWriteHour: null }],
      },
    ],
  },
  {
    id: "gpt-6-astra",
    provider: "openai",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [
          { upToTokensIn: 271_999, input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5, cacheWriteHour: null },
          { upToTokensIn: Infinity, input: 20, output: 75, cacheRead: 2, cacheWrite: 25, cacheWriteHour: null },
        ],
      },
    ],
  },
  {
    id: "gpt-4o-mini",
    provider: "openai",
    takesTemperature: true,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 0.15, output: 0.6, cacheRead: 0.075, cacheWrite: null, cacheWriteHour: null }],
      },
    ],
  },
  {
    id: "gpt-4o",
    provider: "openai",
    takesTemperature: true,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 2.5, output: 10, cacheRead: 1.25, cacheWrite: null, cacheWriteHour: null }],
      },
    ],
  },
  {
    id: "o3",
    provider: "openai",
    takesTemperature: false,
    prices: [
      {
        effectiveFrom: RELEASE,
        tiers: [{ upToTokensIn: Infinity, input: 2, output: 8, cacheRead: 0.5, cacheWrite: null, cacheWriteHour: null }],
      },
    ],
  },
];
