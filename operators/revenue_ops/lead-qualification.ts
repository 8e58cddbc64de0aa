import { type NodeContext, workflow } from "openvibe";
import { LEADS, qualificationKey } from "../shared/context-keys.ts";
import { stamped } from "../shared/stamp.ts";
import { textOr } from "../shared/text-or.ts";
import { findCompanyIntel } from "./company-lookup.ts";
import type { Crm } from "./crm.ts";
import { findLeadEvent, toCrmUpdate, toQualificationRecord } from "./lead-records.ts";
import { SCORE_SYSTEM, scorePrompt } from "./prompts.ts";
import { readScore, routeLead } from "./scoring.ts";
import { RevenueOps } from "./state.ts";

/** Scores a new lead, sends it on its way and tells the CRM. */
export function createLeadQualification(crm: Crm) {
  return workflow("lead_qualification", {
    state: RevenueOps,
    triggers: { new_lead: "webhook:hubspot_new_lead" },
    timeout: "5m",
    onComplete: shareLead,
  })
    .node("enrich", async (state, ctx) => {
      const { contact_id } = state;
      const enriched_data = contact_id === "" ? state.enriched_data : await crm.getContact(contact_id);
      const company = textOr(enriched_data.company, "");
      const found = company === "" ? undefined : await findCompanyIntel(company, ctx);
      return { enriched_data, company_intel: found ?? state.company_intel };
    })
    .llm("score", {
      model: "sonnet",
      temperature: 0.3,
      system: SCORE_SYSTEM,
      user: scorePrompt,
      parse: (reply) => ({ score: readScore(reply) }),
    })
    .branch(
      "route",
      ({ score }) => {
        const { route, composite } = routeLead(score);
        return { route, set: { composite_score: composite } };
      },
      { sales: null, nurture: null, education: null, disqualify: null },
    )
    .node("update_crm", async (state) => {
      if (state.contact_id !== "") await crm.updateContact(state.contact_id, toCrmUpdate(state));
      return { crm_updated: true };
    });
}

/** The record first, then the event: who hears it finds the record. A lead without an id leaves neither. */
async function shareLead(state: Readonly<RevenueOps>, ctx: NodeContext): Promise<void> {
  if (state.contact_id === "") return;
  await ctx.context(LEADS).put(qualificationKey(state.contact_id), stamped(toQualificationRecord(state), ctx));
  const event = findLeadEvent(state);
  if (event !== undefined) ctx.publish(event.type, event.payload);
}
