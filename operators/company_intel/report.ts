import { type CompanyIntel, companyNameOf } from "./state.ts";

type Reported = Pick<CompanyIntel, "company_name" | "prospect_quality" | "research" | "analysis">;

/** The report people get. Programs read it by its labels, so these lines stay as they are. */
export function renderReport(state: Reported): string {
  return [
    "=== Company Intelligence Report ===",
    `Company: ${companyNameOf(state)}`,
    `Prospect Quality: ${state.prospect_quality.toUpperCase()}`,
    "--- Research ---",
    state.research,
    "--- Analysis ---",
    state.analysis,
  ].join("\n");
}
