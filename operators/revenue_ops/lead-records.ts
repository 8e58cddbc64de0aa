import type { JsonObject } from "openvibe";
import { textOr } from "../shared/text-or.ts";
import { LeadRoute } from "./scoring.ts";
import type { RevenueOps } from "./state.ts";

type Lead = Pick<RevenueOps, "contact_id" | "source" | "enriched_data" | "score" | "composite_score" | "route">;

/** What the CRM is told, in its own words: capitals, and the score as text without decimals. */
export function toCrmUpdate({ route, composite_score }: Pick<Lead, "route" | "composite_score">) {
  return { hs_lead_status: route.toUpperCase(), lead_score: String(Math.floor(composite_score)) };
}

/** What other operators find about the lead in shared context. */
export function toQualificationRecord({ contact_id, route, composite_score, score, source }: Lead) {
  return { contact_id, route, composite_score, score, source };
}

export interface LeadEvent {
  readonly type: "lead_qualified" | "lead_nurture";
  readonly payload: JsonObject;
}

/** The event that the lead's route raises; education and disqualify raise none. */
export function findLeadEvent({ contact_id, route, enriched_data, composite_score }: Lead): LeadEvent | undefined {
  const lead_score = Math.floor(composite_score);
  if (route === LeadRoute.Sales) return { type: "lead_qualified", payload: toQualifiedPayload(contact_id, enriched_data, lead_score) };
  if (route === LeadRoute.Nurture) return { type: "lead_nurture", payload: { contact_id, lead_data: enriched_data, lead_score } };
  return undefined;
}

/** The same keys whether a lead was qualified at once or after nurture. */
export function toQualifiedPayload(contact_id: string, buyer_profile: JsonObject, lead_score: number) {
  const segment = textOr(buyer_profile.segment, "");
  return { contact_id, buyer_profile, segment, topic: textOr(buyer_profile.company, textOr(segment, "product")), lead_score };
}
