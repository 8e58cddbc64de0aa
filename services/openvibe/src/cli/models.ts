import { ALIASES, MODELS, type Model } from "@openvibe/llm";
import { printJson, printTable } from "./print.ts";

/** `openvibe models`: what the price table knows. Speaks to nobody. */
export function listModels({ json }: { readonly json?: boolean }): void {
  const today = new Date().toISOString().slice(0, 10);
  const data = MODELS.map((model) => toBody(model, today));
  if (json === true) {
    printJson({ data, has_more: false, next_cursor: null });
    return;
  }
  const rows = data.map(({ id, provider, aliases, input_usd, output_usd, retires_on, retired }) => [
    id,
    provider,
    aliases.join(", "),
    toPrice(input_usd),
    toPrice(output_usd),
    retires_on === null ? "" : `${retired ? "retired" : "retires"} ${retires_on}`,
  ]);
  printTable(["MODEL", "PROVIDER", "ALIASES", "IN $/M", "OUT $/M", "RETIRES"], rows);
}

interface ModelBody {
  readonly id: string;
  readonly provider: string;
  readonly aliases: readonly string[];
  /** US dollars per million tokens of a short prompt, today. */
  readonly input_usd: number | null;
  readonly output_usd: number | null;
  readonly takes_temperature: boolean;
  readonly retires_on: string | null;
  readonly retired: boolean;
}

function toBody({ id, provider, takesTemperature, retiresOn, prices }: Model, today: string): ModelBody {
  const aliases = Object.entries(provider === "anthropic" || provider === "openai" ? ALIASES[provider] : {});
  const tier = prices.find(({ effectiveFrom }) => effectiveFrom <= today)?.tiers[0];
  return {
    id,
    provider,
    aliases: aliases.filter(([, model]) => model === id).map(([alias]) => alias),
    input_usd: tier?.input ?? null,
    output_usd: tier?.output ?? null,
    takes_temperature: takesTemperature,
    retires_on: retiresOn ?? null,
    retired: retiresOn !== undefined && retiresOn < today,
  };
}

function toPrice(usd: number | null): string {
  return usd === null ? "unknown" : usd.toFixed(2);
}
