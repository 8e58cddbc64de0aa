import { type NodeContext, workflow } from "openvibe";
import { COMPANIES, intelKey } from "../shared/context-keys.ts";
import { stamped } from "../shared/stamp.ts";
import { decideQuality } from "./decide.ts";
import { ANALYZE_SYSTEM, analyzePrompt, RESEARCH_SYSTEM, researchPrompt } from "./prompts.ts";
import { toIntelRecord, toResearchComplete } from "./records.ts";
import { renderReport } from "./report.ts";
import { CompanyIntel, companyNameOf, UNKNOWN } from "./state.ts";

/** Profiles a company, judges it as a prospect and reports. */
export const research = workflow("research", {
  state: CompanyIntel,
  triggers: { query: "on_demand" },
  timeout: "5m",
  onComplete: shareIntel,
})
  .llm("research", { model: "haiku", temperature: 0.7, system: RESEARCH_SYSTEM, user: researchPrompt, output: "research" })
  .llm("analyze", { model: "haiku", temperature: 0.7, system: ANALYZE_SYSTEM, user: analyzePrompt, output: "analysis" })
  .node("decide", decide, { pure: true })
  .node("report", (state) => ({ report: renderReport(state), completed: true }), { pure: true });

function decide({ analysis }: Pick<CompanyIntel, "analysis">) {
  const quality = decideQuality(analysis);
  return { prospect_quality: quality, decision: quality };
}

/** The record first, then the event: who hears it finds the record. A name without letters or digits has no id, so no record. */
async function shareIntel(state: Readonly<CompanyIntel>, ctx: NodeContext): Promise<void> {
  if (companyNameOf(state) === UNKNOWN) return;
  const record = toIntelRecord(state);
  if (record.company_id !== "") await ctx.context(COMPANIES).put(intelKey(record.company_id), stamped(record, ctx));
  ctx.publish("research_complete", toResearchComplete(record));
}
