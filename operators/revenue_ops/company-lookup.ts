import type { JsonObject, NodeContext } from "openvibe";
import { COMPANIES, intelKey, toCompanyId } from "../shared/context-keys.ts";
import { isJsonObject } from "../shared/reply-object.ts";

const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1_000;
const ASK_TIMEOUT_MS = 60_000;

type LookupContext = Pick<NodeContext, "context" | "ask" | "now" | "signal" | "log">;

/** What is known about a company: its record of the last 30 days, else what company_intel answers within 60 seconds. */
export async function findCompanyIntel(company: string, ctx: LookupContext): Promise<JsonObject | undefined> {
  const companyId = toCompanyId(company);
  try {
    return (await findRecord(companyId, ctx)) ?? (await askForIntel(company, ctx));
  } catch (error) {
    if (ctx.signal.aborted) throw error; // cancelled or out of time: that is no missing answer
    const why = error instanceof Error ? error.message : String(error);
    ctx.log.warn({ company_id: companyId, error: why }, "going on without company intelligence");
    return undefined;
  }
}

async function findRecord(companyId: string, ctx: LookupContext): Promise<JsonObject | undefined> {
  if (companyId === "") return undefined;
  const record = (await ctx.context(COMPANIES).get(intelKey(companyId)))?.value;
  return isJsonObject(record) && isFresh(record, ctx.now()) ? record : undefined;
}

/** Whether a record is not older than 30 days. One that does not say its age is not. */
export function isFresh({ updated_at }: JsonObject, nowMs: number): boolean {
  const writtenMs = typeof updated_at === "string" ? Date.parse(updated_at) : Number.NaN;
  return nowMs - writtenMs <= MAX_AGE_MS;
}

async function askForIntel(company: string, ctx: LookupContext): Promise<JsonObject | undefined> {
  const reply = await ctx.ask("company_intel.research", { company }, { timeoutMs: ASK_TIMEOUT_MS });
  return isJsonObject(reply) ? reply : undefined;
}
