import type { JsonObject } from "openvibe";

export interface DemoLead {
  /** As the CRM holds it; `email` is what a scripted reply knows the lead by. */
  readonly contact: JsonObject & { readonly email: string };
  /** What the scripted model says of it. */
  readonly score: { readonly fit_score: number; readonly intent_score: number; readonly urgency_score: number };
}

/** A lead for each of the four ways, by contact id. Only the first has a company, so only it asks company_intel. */
export const DEMO_LEADS = {
  lead_sales: {
    contact: { email: "dana@stripe.example", firstname: "Dana", jobtitle: "VP Revenue", company: "Stripe", segment: "enterprise" },
    score: { fit_score: 90, intent_score: 85, urgency_score: 75 }, // 84.5
  },
  lead_nurture: {
    contact: { email: "noor@bakery.example", firstname: "Noor", jobtitle: "Founder", segment: "smb" },
    score: { fit_score: 65, intent_score: 60, urgency_score: 50 }, // 59.5
  },
  lead_education: {
    contact: { email: "eli@campus.example", firstname: "Eli", jobtitle: "Student" },
    score: { fit_score: 35, intent_score: 40, urgency_score: 20 }, // 33
  },
  lead_disqualify: {
    contact: { email: "quinn@rival.example", firstname: "Quinn", jobtitle: "Analyst at a competitor" },
    score: { fit_score: 10, intent_score: 90, urgency_score: 90 }, // 58, but fit is below 20
  },
} as const satisfies Record<string, DemoLead>;

/** The same leads as `createFixedCrm` takes them. */
export const DEMO_CONTACTS: Readonly<Record<string, JsonObject>> = Object.fromEntries(
  Object.entries(DEMO_LEADS).map(([id, { contact }]) => [id, contact]),
);
