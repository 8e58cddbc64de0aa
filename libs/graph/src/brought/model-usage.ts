/** What LangChain's models used, as they tell it to callbacks. Prices are not known here. */
export interface ModelUsage {
  readonly model: string;
  /** All input tokens, those of a cache included; `null` where the vendor did not say. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** A callback handler by its methods: whatever copy of LangChain the graph was built with takes it. */
export function countingModels({ modelCalled }: { readonly modelCalled: (usage: ModelUsage | undefined) => void }) {
  return {
    handleLLMEnd(output: unknown) {
      modelCalled(toUsage(output));
    },
    handleLLMError() {
      modelCalled(undefined);
    },
  };
}

type Loose = { readonly [key: string]: Loose | undefined } | undefined;

function toUsage(output: unknown): ModelUsage {
  const { generations, llmOutput } = (output ?? {}) as { readonly generations?: readonly (readonly Loose[])[]; readonly llmOutput?: Loose };
  const message = generations?.[0]?.[0]?.message;
  const usage = message?.usage_metadata;
  const older = llmOutput?.tokenUsage;
  const details = usage?.input_token_details;
  return {
    model: firstText(message?.response_metadata?.model_name, message?.response_metadata?.model, llmOutput?.model_name) ?? "unknown",
    tokensIn: numberOf(usage?.input_tokens) ?? numberOf(older?.promptTokens) ?? null,
    tokensOut: numberOf(usage?.output_tokens) ?? numberOf(older?.completionTokens) ?? null,
    cacheReadTokens: numberOf(details?.cache_read) ?? 0,
    cacheWriteTokens: numberOf(details?.cache_creation) ?? 0,
  };
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value !== "");
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
