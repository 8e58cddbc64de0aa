import { z } from "zod";
import { flag, text } from "../shared/state-fields.ts";
import { textOr } from "../shared/text-or.ts";

export const CompanyIntel = z.object({
  company_name: text(),
  research: text(),
  analysis: text(),
  /** high, medium or low. */
  prospect_quality: text(),
  /** The same as `prospect_quality`, for those who read that name. */
  decision: text(),
  report: text(),
  completed: flag(),
});
export type CompanyIntel = z.output<typeof CompanyIntel>;

/** Stands for a company nobody named. It has no record and raises no event. */
export const UNKNOWN = "Unknown";

export function companyNameOf(state: { readonly company_name?: string }): string {
  return textOr(state.company_name, UNKNOWN);
}
