/** What the catalogue promises of the four demo leads (§4, §8): one table for every way to run them. */
import { readFile } from "node:fs/promises";
import type { JsonObject } from "@openvibe/core";
import { DEMO_LEADS } from "@openvibe/operators/testing";
import { expect } from "vitest";
import type { Client, EventBody, RunBody } from "./e2e-client.ts";
import type { Vendor } from "./e2e-vendor.ts";

export type LeadId = keyof typeof DEMO_LEADS;

export interface LeadCase {
  readonly contactId: LeadId;
  /** Of the two ways to name it: its trigger and its workflow. */
  readonly trigger: "new_lead" | "lead_qualification";
  readonly route: string;
  readonly composite: number;
  readonly crm: JsonObject;
  /** What the route raises. */
  readonly raised?: { readonly type: string; readonly data: JsonObject };
}

export const LEADS: readonly LeadCase[] = [
  {
    contactId: "lead_sales",
    trigger: "new_lead",
    route: "sales",
    composite: 84.5,
    crm: { hs_lead_status: "SALES", lead_score: "84" },
    raised: {
      type: "lead_qualified",
      data: {
        contact_id: "lead_sales",
        buyer_profile: DEMO_LEADS.lead_sales.contact,
        segment: "enterprise",
        topic: "Stripe",
        lead_score: 84,
      },
    },
  },
  {
    contactId: "lead_nurture",
    trigger: "lead_qualification",
    route: "nurture",
    composite: 59.5,
    crm: { hs_lead_status: "NURTURE", lead_score: "59" },
    raised: {
      type: "lead_nurture",
      data: { contact_id: "lead_nurture", lead_data: DEMO_LEADS.lead_nurture.contact, lead_score: 59 },
    },
  },
  {
    contactId: "lead_education",
    trigger: "new_lead",
    route: "education",
    composite: 33,
    crm: { hs_lead_status: "EDUCATION", lead_score: "33" },
  },
  {
    contactId: "lead_disqualify",
    trigger: "lead_qualification",
    route: "disqualify",
    composite: 58,
    crm: { hs_lead_status: "DISQUALIFY", lead_score: "58" },
  },
];

export const STRIPE = { company_id: "stripe", company_name: "Stripe", prospect_quality: "high" };
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const RUN_ID = expect.stringMatching(/^run_/);
const NODES = ["enrich", "score", "route", "update_crm"];

/** What company_intel answers. */
export const INTEL_REPLY = {
  ...STRIPE,
  research: expect.stringContaining("Stripe sells payments software"),
  analysis: expect.stringContaining('"prospect_quality":"high"'),
  report: expect.stringMatching(
    /^=== Company Intelligence Report ===\nCompany: Stripe\nProspect Quality: HIGH\n--- Research ---\nStripe sells/,
  ),
  run_id: RUN_ID,
};
const { report: _, ...INTEL } = INTEL_REPLY;
/** What it leaves in shared context. */
export const INTEL_RECORD = { ...INTEL, updated_at: ISO };

export interface Judged {
  readonly lead: LeadCase;
  readonly run: RunBody;
  /** Where to look: any gateway will do. */
  readonly client: Client;
  readonly vendor: Vendor;
  /** What the run must have known of the company. */
  readonly intel: object;
  readonly crmFile: string;
}

/** Judges a lead by its output, its metrics, its events, its record and what the CRM was told. */
export async function judgeLead({ lead, run, client, vendor, intel, crmFile }: Judged): Promise<void> {
  const { contactId, route, composite, crm, raised } = lead;
  const { contact, score } = DEMO_LEADS[contactId];
  expect(run).toMatchObject({ operator_id: "revenue_ops", workflow_id: "lead_qualification", status: "completed", attempt: 1 });
  expect(run.output).toEqual({
    contact_id: contactId,
    source: "form",
    enriched_data: contact,
    company_intel: intel,
    score: { ...score, reasoning: "Played by the script.", route: "nurture" },
    composite_score: composite,
    route,
    crm_updated: true,
  });

  const events = await client.events("revenue_ops", run.run_id);
  const own = raised === undefined ? [] : [raised.type];
  expect(events.map(({ type, nodeid }) => nodeid ?? type)).toEqual(["run.queued", "run.started", ...NODES, ...own, "run.completed"]);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index));
  expect(events.filter(({ type }) => own.includes(type)).map(({ data }) => data)).toEqual(raised === undefined ? [] : [raised.data]);
  judgeMetrics(run, events, vendor);

  expect(await client.context("context-leads", `${contactId}.qualification`)).toEqual({
    contact_id: contactId,
    route,
    composite_score: composite,
    score: run.output.score,
    source: "form",
    run_id: run.run_id,
    updated_at: ISO,
  });
  const told = (await readFile(crmFile, "utf8")).trimEnd().split("\n");
  expect(told.filter((line) => line.includes(`"${contactId}"`))).toEqual([JSON.stringify({ of: "contact", id: contactId, props: crm })]);
}

/** Tokens are what the vendor says it used; their price is known, so the cost is. */
function judgeMetrics({ metrics }: RunBody, events: readonly EventBody[], vendor: Vendor): void {
  const scored = events.find(({ nodeid }) => nodeid === "score")?.data ?? {};
  const [asked, ...more] = vendor.asked("score");
  expect(more, "the test counts the model's requests per run").toEqual([]);
  const tokensIn = Math.ceil(((asked?.user.length ?? 0) + (asked?.system?.length ?? 0)) / 4);
  expect(scored).toMatchObject({ tokens_in: tokensIn, tokens_out: metrics.tokens_out, cost_usd: metrics.cost_usd });
  expect(metrics).toEqual({
    duration_seconds: expect.any(Number),
    tokens_in: tokensIn,
    tokens_out: expect.any(Number),
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    cost_usd: expect.any(Number),
    nodes_executed: 4,
    nodes_failed: 0,
    llm_calls: 1,
  });
  expect(metrics.duration_seconds).toBeGreaterThan(0);
  expect(metrics.tokens_out).toBeGreaterThan(20);
  expect(metrics.cost_usd).toBeGreaterThan(0);
}
