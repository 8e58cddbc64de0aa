import { expect, test } from "vitest";
import { decideQuality } from "../company_intel/decide.ts";
import { ANALYZE_SYSTEM, analyzePrompt, RESEARCH_SYSTEM, researchPrompt } from "../company_intel/prompts.ts";
import { SCORE_SYSTEM, scorePrompt } from "../revenue_ops/prompts.ts";
import { readScore, routeLead } from "../revenue_ops/scoring.ts";
import { DEMO_CONTACTS } from "./demo-leads.ts";
import { scriptedReply } from "./scripted-replies.ts";

const model = "haiku";

test.each(["sales", "nurture", "education", "disqualify"])("the demo's lead_%s goes there", (route) => {
  const user = scorePrompt({ enriched_data: DEMO_CONTACTS[`lead_${route}`] ?? {}, company_intel: {} });

  expect(routeLead(readScore(scriptedReply({ model, system: SCORE_SYSTEM, user }))).route).toBe(route);
});

test("a lead that nobody knows goes to education", () => {
  const user = scorePrompt({ enriched_data: {}, company_intel: {} });

  expect(routeLead(readScore(scriptedReply({ model, system: SCORE_SYSTEM, user })))).toEqual({ route: "education", composite: 30 });
});

test("only the lead for sales has a company", () => {
  const withCompany = Object.entries(DEMO_CONTACTS).filter(([, contact]) => contact.company !== undefined);

  expect(withCompany.map(([id]) => id)).toEqual(["lead_sales"]);
});

test("Stripe is researched and a high prospect, others are medium", () => {
  const research = scriptedReply({ model, system: RESEARCH_SYSTEM, user: researchPrompt({ company_name: "Stripe" }) });
  const quality = (company_name: string) =>
    decideQuality(scriptedReply({ model, system: ANALYZE_SYSTEM, user: analyzePrompt({ company_name, research }) }));

  expect(research).toContain("Stripe");
  expect(quality("Stripe")).toBe("high");
  expect(quality("Bob's Bakery")).toBe("medium");
});

test("any other prompt is greeted", () => {
  expect(scriptedReply({ model, system: undefined, user: "Say hello!" })).toContain("Hello");
});
