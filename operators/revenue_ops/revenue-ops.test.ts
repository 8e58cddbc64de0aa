import { expect, test } from "vitest";
import revenueOps, { createRevenueOps } from "./index.ts";

const [leadQualification] = revenueOps.manifest.workflows;

test("the manifest says what the operator is, the same with any CRM", () => {
  expect(revenueOps.manifest).toMatchObject({
    id: "revenue_ops",
    name: "Revenue Operations",
    owner: "VP Sales",
    output: "slack:#sales-agents",
    answers: {},
  });
  expect(createRevenueOps({}).version).toBe(revenueOps.version);
});

test("lead_qualification is started by the webhook hubspot new_lead, with five minutes", () => {
  expect(leadQualification).toMatchObject({
    id: "lead_qualification",
    timeout_ms: 300_000,
    triggers: [{ id: "new_lead", on: "webhook:hubspot_new_lead" }],
  });
});

test("its four nodes stand in order; every route goes on to update_crm", () => {
  expect(leadQualification?.steps.map(({ id, kind }) => [id, kind])).toEqual([
    ["enrich", "node"],
    ["score", "llm"],
    ["route", "branch"],
    ["update_crm", "node"],
  ]);
  expect(leadQualification?.steps[1]).toMatchObject({ model: "sonnet", temperature: 0.3, max_tokens: 4096, reply: "parse" });
  expect(leadQualification?.steps[2]).toMatchObject({
    routes: { sales: [], nurture: [], education: [], disqualify: [] },
    route_field: "route",
  });
});

test("a run begins from the catalogue's defaults", () => {
  expect(revenueOps.workflows.get("lead_qualification")?.openState({}).state).toEqual({
    pipeline_total: 0,
    pipeline_by_stage: {},
    active_deals: [],
    deals_at_risk: [],
    recent_scores: [],
    contact_id: "",
    source: "",
    enriched_data: {},
    company_intel: {},
    score: null,
    composite_score: 0,
    route: "",
    crm_updated: false,
    buyer_profile: {},
    segment: "",
    research_notes: "",
    outreach_sequence: [],
    personalized_sequence: [],
    final_plan: {},
    outreach_decision: "",
    outreach_sent: false,
    lead_data: {},
    lead_score: 0,
    current_stage: "",
    touches_completed: 0,
    max_touches: 10,
    touch_interval_days: 3,
    touch_content: "",
    touch_channel: "",
    escalation_reason: "",
    touch_history: [],
    signals: [],
    analysis: "",
    brief: "",
    risk_assessment: "",
    actions: "",
    deal_update_decision: "",
    deal_stage_updates: [],
  });
});

test("numbers from outside may come as text or null", () => {
  const state = revenueOps.workflows.get("lead_qualification")?.openState({ lead_score: "79", max_touches: null }).state;

  expect(state).toMatchObject({ lead_score: "79", max_touches: null });
});
