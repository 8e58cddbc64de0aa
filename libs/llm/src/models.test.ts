import { describe, expect, test } from "vitest";
import { type BilledTokens, costOf } from "./cost-of.ts";
import { ALIASES, MODELS } from "./model-data.ts";
import { findModel, looksLikeId, MODEL_ALIASES } from "./models.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const used = (usage: Partial<BilledTokens>): BilledTokens => ({
  tokensIn: 0,
  tokensOut: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  ...usage,
});

describe("the table of models", () => {
  test("every alias stands for a model of that vendor, with a price and no end in sight", () => {
    for (const [provider, aliases] of Object.entries(ALIASES)) {
      expect(Object.keys(aliases)).toEqual([...MODEL_ALIASES]);
      for (const id of Object.values(aliases)) {
        expect(findModel(id)).toMatchObject({ id, provider });
        expect(findModel(id)).not.toHaveProperty("retiresOn");
        expect(costOf(used({ tokensIn: 1_000, tokensOut: 100 }), id, NOW)).toBeGreaterThan(0);
      }
    }
  });

  test.each(MODELS.map((model) => [model.id, model] as const))(
    "%s: prices newest first, tiers shortest first, the last without end",
    (id, model) => {
      const days = model.prices.map(({ effectiveFrom }) => effectiveFrom);
      expect(days).toEqual(days.toSorted().reverse());
      expect(looksLikeId(id)).toBe(true);
      for (const { effectiveFrom, tiers } of model.prices) {
        expect(effectiveFrom).toMatch(/^\d{4}-\d\d-\d\d$/);
        const limits = tiers.map(({ upToTokensIn }) => upToTokensIn);
        expect(limits).toEqual(limits.toSorted((a, b) => a - b));
        expect(limits.at(-1)).toBe(Infinity);
      }
    },
  );

  test("the original's ids can still be chosen, take temperature, and one says when it retires", () => {
    expect(findModel("claude-haiku-4-5-20251001")).toMatchObject({ takesTemperature: true });
    expect(findModel("claude-sonnet-4-5-20250929")).toMatchObject({ takesTemperature: true, retiresOn: "2026-11-30" });
    expect(findModel("claude-opus-4-6")).toMatchObject({ takesTemperature: true });
    expect(findModel("claude-haiku-5-5")).toMatchObject({ takesTemperature: false });
  });

  test("an id is found with a date we do not know, and without the one it has", () => {
    expect(findModel("claude-haiku-5-5-20261007")?.id).toBe("claude-haiku-5-5");
    expect(findModel("claude-haiku-4-5")?.id).toBe("claude-haiku-4-5-20251001");
    expect(findModel("claude-haiku-9")).toBe(undefined);
  });
});

describe("the cost of a call", () => {
  test.each<[what: string, usage: Partial<BilledTokens>, model: string, at: string, dollars: number | null]>([
    ["input and output", { tokensIn: 1_000_000, tokensOut: 1_000_000 }, "claude-opus-5-5", "2026-11-22", 24],
    ["a prompt up to the limit", { tokensIn: 100_000 }, "claude-haiku-5-5", "2026-11-22", 0.01],
    [
      "the whole of a longer prompt at the higher price",
      { tokensIn: 100_001, tokensOut: 1_000 },
      "claude-haiku-5-5",
      "2026-11-22",
      0.0525005,
    ],
    [
      "cached tokens count for the length of the prompt",
      { tokensIn: 200_000, cacheReadTokens: 200_000 },
      "claude-haiku-5-5",
      "2026-11-22",
      0.01,
    ],
    ["reads from the cache", { tokensIn: 1_000_000, cacheReadTokens: 1_000_000 }, "claude-sonnet-5-5", "2026-11-22", 0.1],
    [
      "reads from the cache before the price fell",
      { tokensIn: 1_000_000, cacheReadTokens: 1_000_000 },
      "claude-sonnet-5-5",
      "2026-10-06",
      0.2,
    ],
    ["the day on which the price fell", { tokensIn: 1_000_000, cacheReadTokens: 1_000_000 }, "claude-sonnet-5-5", "2026-10-07", 0.1],
    ["writes to both caches", { tokensIn: 3e6, cacheWriteTokens: 3e6, cacheWriteHourTokens: 1e6 }, "claude-sonnet-5-5", "2026-11-22", 9],
    ["a cache without a known price", { tokensIn: 1_000, cacheWriteTokens: 10 }, "gpt-6.1-sol", "2026-11-22", null],
    ["a price that is unknown but not needed", { tokensIn: 1_000_000 }, "gpt-6.1-sol", "2026-11-22", 2],
    ["a model nobody knows", { tokensIn: 1_000, tokensOut: 1 }, "claude-opus-9", "2026-11-22", null],
    ["unknown input", { tokensIn: null, tokensOut: 1 }, "claude-opus-5-5", "2026-11-22", null],
    ["unknown output", { tokensIn: 1, tokensOut: null }, "claude-opus-5-5", "2026-11-22", null],
    ["more cached than there was", { tokensIn: 1, cacheReadTokens: 2 }, "claude-opus-5-5", "2026-11-22", null],
    ["nothing used costs nothing", {}, "claude-opus-5-5", "2026-11-22", 0],
  ])("%s", (_what, usage, model, at, dollars) => {
    expect(costOf(used(usage), model, Date.parse(at))).toBe(dollars);
  });

  test("rows of one's own replace ours", () => {
    const tier = { upToTokensIn: Infinity, input: 7, output: 7, cacheRead: null, cacheWrite: null, cacheWriteHour: null };
    const mine = {
      id: "in-house-1",
      provider: "anthropic",
      takesTemperature: true,
      prices: [{ effectiveFrom: "2026-01-01", tiers: [tier] }],
    };

    expect(costOf(used({ tokensIn: 1_000_000 }), "in-house-1", NOW, [mine])).toBe(7);
    expect(costOf(used({ tokensIn: 1_000_000 }), "in-house-1", Date.parse("2025-12-31"), [mine])).toBe(null);
  });
});
