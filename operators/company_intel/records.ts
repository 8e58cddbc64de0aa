import { toCompanyId } from "../shared/context-keys.ts";
import { type CompanyIntel, companyNameOf } from "./state.ts";

/** What other operators find about the company in shared context. */
export function toIntelRecord(state: Pick<CompanyIntel, "company_name" | "prospect_quality" | "research" | "analysis">) {
  const { prospect_quality, research, analysis } = state;
  const company_name = companyNameOf(state);
  return { company_id: toCompanyId(company_name), company_name, prospect_quality, research, analysis };
}

/** Payload of `research_complete`: who listens reads the rest from shared context. */
export function toResearchComplete({ company_id, company_name, prospect_quality }: ReturnType<typeof toIntelRecord>) {
  return { company_id, company_name, prospect_quality };
}
