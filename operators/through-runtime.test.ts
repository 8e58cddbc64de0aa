/** Our operators as they run: real runtime, real bus and store in memory, a model vendor on loopback. */
import { type AnthropicLoopbackOptions, anthropicError, startAnthropicLoopback } from "@openvibe/testing";
import { createRuntime, type JsonObject, type OperatorDefinition, type Runtime } from "openvibe";
import { afterEach, describe, expect, test, vi } from "vitest";
import { companyIntel } from "./company_intel/index.ts";
import { ANALYZE_SYSTEM, RESEARCH_SYSTEM } from "./company_intel/prompts.ts";
import { type Crm, createFixedCrm, createRevenueOps, noCrm } from "./revenue_ops/index.ts";
import { SCORE_SYSTEM } from "./revenue_ops/prompts.ts";
import { DEMO_CONTACTS, scriptedReply } from "./testing/scripted-replies.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

afterEach(() => vi.unstubAllEnvs());

async function start(operators: readonly OperatorDefinition[], reply: AnthropicLoopbackOptions["reply"] = scriptedReply) {
  await using starting = new AsyncDisposableStack();
  const vendor = starting.use(await startAnthropicLoopback({ reply }));
  vi.stubEnv("OPENVIBE_LLM", "anthropic");
  vi.stubEnv("OPENVIBE_LLM_BASE_URL", vendor.url);
  vi.stubEnv("ANTHROPIC_API_KEY", "none-needed");
  const runtime = starting.use(await createRuntime({ operators, store: ":memory:" }));
  const started = starting.move();
  return { vendor, runtime, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** The operator's own events of a run, once its last one is there. */
async function eventsOf(runtime: Runtime, runId: string): Promise<{ type: string; data: JsonObject }[]> {
  const events = await vi.waitFor(async () => {
    const stored = await runtime.events(runId);
    expect(stored.at(-1)?.type).toMatch(/^run\.(completed|failed)$/);
    return stored;
  });
  return events.filter(({ type }) => !/^(run|node)\./.test(type)).map(({ type, data }) => ({ type, data }));
}

describe("company_intel research", () => {
  test("profiles, judges and reports; shares its record and says so", async () => {
    await using started = await start([companyIntel]);
    const { runtime, vendor } = started;

    const run = await runtime.activate(companyIntel, "research", { company_name: "Stripe" });
    const { status, output, metrics } = await run.ended();

    const [asked, judged] = vendor.requests;
    expect([asked?.system, judged?.system]).toEqual([RESEARCH_SYSTEM, ANALYZE_SYSTEM]);
    expect([asked?.maxTokens, judged?.maxTokens]).toEqual([4096, 4096]);
    expect(judged?.user).toContain(output.research);
    expect(status).toBe("completed");
    expect(metrics).toMatchObject({ nodes_executed: 4, nodes_failed: 0, llm_calls: 2 });
    const told = { company_id: "stripe", company_name: "Stripe", prospect_quality: "high" };
    expect(output).toEqual({
      company_name: "Stripe",
      research: expect.stringContaining("Stripe"),
      analysis: expect.stringContaining('"prospect_quality":"high"'),
      prospect_quality: "high",
      decision: "high",
      report: expect.stringContaining("\nProspect Quality: HIGH\n"),
      completed: true,
    });
    expect((await runtime.context("context-companies").get("stripe.intel"))?.value).toEqual({
      ...told,
      research: output.research,
      analysis: output.analysis,
      run_id: run.runId,
      updated_at: expect.stringMatching(ISO),
    });
    expect(await eventsOf(runtime, run.runId)).toEqual([{ type: "research_complete", data: told }]);
  });

  test("a reply that looks like JSON is kept as text, unchanged", async () => {
    const replied = '\n```json\n{"prospect_quality": "LOW"}\n```\n';
    await using started = await start([companyIntel], () => replied);

    const { output } = await (await started.runtime.activate(companyIntel, "research", { company_name: "Acme" })).ended();

    expect(output).toMatchObject({ research: replied, analysis: replied, prospect_quality: "low", decision: "low" });
  });

  test.each([{}, { company_name: "" }])("with %j it completes for Unknown, without a record and without an event", async (input) => {
    await using started = await start([companyIntel]);
    const { runtime } = started;

    const run = await runtime.activate(companyIntel, "research", input);
    const { status, output } = await run.ended();

    expect(status).toBe("completed");
    expect(output.report).toContain("\nCompany: Unknown\n");
    expect(await eventsOf(runtime, run.runId)).toEqual([]);
    expect(await runtime.context("context-companies").get("unknown.intel")).toBeUndefined();
  });

  test("a company whose name gives no id is researched and told, without a record", async () => {
    await using started = await start([companyIntel]);
    const { runtime } = started;

    const run = await runtime.activate(companyIntel, "research", { company_name: "株式会社" });

    expect((await run.ended()).status).toBe("completed");
    expect(await eventsOf(runtime, run.runId)).toMatchObject([
      { type: "research_complete", data: { company_id: "", company_name: "株式会社" } },
    ]);
  });
});

describe("revenue_ops lead_qualification", () => {
  test("a lead with a company asks company_intel, goes to sales, tells the CRM, the context and whoever listens", async () => {
    const crm = createFixedCrm(DEMO_CONTACTS);
    const revenueOps = createRevenueOps({ crm });
    await using started = await start([companyIntel, revenueOps]);
    const { runtime, vendor } = started;
    const contact = DEMO_CONTACTS.lead_sales;

    const run = await runtime.activate(revenueOps, "lead_qualification", { contact_id: "lead_sales", source: "form" });
    const { status, output, metrics } = await run.ended();

    expect(status).toBe("completed");
    expect(metrics).toMatchObject({ nodes_executed: 4, llm_calls: 1 });
    expect(output).toEqual({
      contact_id: "lead_sales",
      source: "form",
      enriched_data: contact,
      company_intel: {
        company_id: "stripe",
        company_name: "Stripe",
        prospect_quality: "high",
        research: expect.any(String),
        analysis: expect.any(String),
        report: expect.stringContaining("=== Company Intelligence Report ==="),
        run_id: expect.stringMatching(/^run_/),
      },
      score: { fit_score: 90, intent_score: 85, urgency_score: 75, reasoning: expect.any(String), route: "nurture" },
      composite_score: 84.5,
      route: "sales",
      crm_updated: true,
    });
    const scored = vendor.requests.find(({ system }) => system === SCORE_SYSTEM);
    expect(scored?.user).toContain(JSON.stringify(contact));
    expect(scored?.user).toContain(JSON.stringify(output.company_intel));
    expect(crm.updates).toEqual([{ of: "contact", id: "lead_sales", props: { hs_lead_status: "SALES", lead_score: "84" } }]);
    expect((await runtime.context("context-leads").get("lead_sales.qualification"))?.value).toEqual({
      contact_id: "lead_sales",
      route: "sales",
      composite_score: 84.5,
      score: output.score,
      source: "form",
      run_id: run.runId,
      updated_at: expect.stringMatching(ISO),
    });
    expect(await eventsOf(runtime, run.runId)).toEqual([
      {
        type: "lead_qualified",
        data: { contact_id: "lead_sales", buyer_profile: contact, segment: "enterprise", topic: "Stripe", lead_score: 84 },
      },
    ]);
  });

  test("the next lead of the same company needs no request", async () => {
    const revenueOps = createRevenueOps({ crm: createFixedCrm(DEMO_CONTACTS) });
    await using started = await start([companyIntel, revenueOps]);
    const { runtime, vendor } = started;
    const input = { contact_id: "lead_sales" };
    const first = await (await runtime.activate(revenueOps, "lead_qualification", input)).ended();

    const second = await (await runtime.activate(revenueOps, "lead_qualification", input)).ended();

    expect(vendor.requests.filter(({ system }) => system === RESEARCH_SYSTEM)).toHaveLength(1);
    expect(second.output.company_intel).toEqual((await runtime.context("context-companies").get("stripe.intel"))?.value);
    expect(second.output.company_intel?.run_id).toBe(first.output.company_intel?.run_id);
  });

  test.each([
    [29, 0],
    [31, 1],
  ])("a record of %d days ago is researched again %d times", async (days, researched) => {
    const revenueOps = createRevenueOps({ crm: createFixedCrm(DEMO_CONTACTS) });
    await using started = await start([companyIntel, revenueOps]);
    const { runtime, vendor } = started;
    const record = { company_id: "stripe", prospect_quality: "low", updated_at: new Date(Date.now() - days * DAY_MS).toISOString() };
    await runtime.context("context-companies").put("stripe.intel", record);

    const { output } = await (await runtime.activate(revenueOps, "lead_qualification", { contact_id: "lead_sales" })).ended();

    expect(vendor.requests.filter(({ system }) => system === RESEARCH_SYSTEM)).toHaveLength(researched);
    expect(output.company_intel?.prospect_quality).toBe(researched === 0 ? "low" : "high");
  });

  test("without a responder it goes on without company intelligence, and the prompt says nothing of it", async () => {
    const revenueOps = createRevenueOps({ crm: createFixedCrm(DEMO_CONTACTS) });
    await using started = await start([revenueOps]);
    const { runtime, vendor } = started;

    const { status, output } = await (await runtime.activate(revenueOps, "lead_qualification", { contact_id: "lead_sales" })).ended();

    expect(status).toBe("completed");
    expect(output).toMatchObject({ company_intel: {}, route: "sales" });
    expect(vendor.requests.map(({ user }) => user)).toEqual([expect.not.stringMatching(/company intelligence/i)]);
  });

  test("when company_intel answers with an error it goes on without", async () => {
    const revenueOps = createRevenueOps({ crm: createFixedCrm(DEMO_CONTACTS) });
    await using started = await start([companyIntel, revenueOps], (request) =>
      request.system === RESEARCH_SYSTEM ? anthropicError("invalid_request_error", "no") : scriptedReply(request),
    );

    const { status, output } = await (
      await started.runtime.activate(revenueOps, "lead_qualification", { contact_id: "lead_sales" })
    ).ended();

    expect(status).toBe("completed");
    expect(output).toMatchObject({ company_intel: {}, route: "sales" });
  });

  test.each([
    [
      "nurture",
      59.5,
      [{ type: "lead_nurture", data: { contact_id: "lead_nurture", lead_data: DEMO_CONTACTS.lead_nurture, lead_score: 59 } }],
    ],
    ["education", 33, []],
    ["disqualify", 58, []],
  ])("a lead for %s is recorded at %d, told to the CRM, and raises what it should", async (route, composite_score, events) => {
    const contact_id = `lead_${route}`;
    const crm = createFixedCrm(DEMO_CONTACTS);
    const revenueOps = createRevenueOps({ crm });
    await using started = await start([revenueOps]);
    const { runtime } = started;

    const run = await runtime.activate(revenueOps, "lead_qualification", { contact_id });
    const { output } = await run.ended();

    expect(output).toMatchObject({ route, composite_score, company_intel: {}, crm_updated: true });
    const props = { hs_lead_status: route.toUpperCase(), lead_score: String(Math.floor(composite_score)) };
    expect(crm.updates).toEqual([{ of: "contact", id: contact_id, props }]);
    expect((await runtime.context("context-leads").get(`${contact_id}.qualification`))?.value).toMatchObject({ route, source: "" });
    expect(await eventsOf(runtime, run.runId)).toEqual(events);
  });

  test("a reply that is no JSON object never disqualifies", async () => {
    const crm = createFixedCrm(DEMO_CONTACTS);
    const revenueOps = createRevenueOps({ crm });
    await using started = await start([revenueOps], () => 'I would say {"fit_score": 5}');

    const { output } = await (await started.runtime.activate(revenueOps, "lead_qualification", { contact_id: "lead_disqualify" })).ended();

    expect(output).toMatchObject({ route: "education", composite_score: 0, score: { fit_score: 0, route: "education" } });
    expect(crm.updates).toMatchObject([{ props: { hs_lead_status: "EDUCATION", lead_score: "0" } }]);
  });

  test("without a contact_id the CRM is not called, nothing is recorded or raised, and it still completes", async () => {
    const crm = createFixedCrm({ "": { company: "Nobody" } });
    const revenueOps = createRevenueOps({ crm });
    await using started = await start([revenueOps]);
    const { runtime } = started;

    const run = await runtime.activate(revenueOps, "lead_qualification", { enriched_data: DEMO_CONTACTS.lead_nurture });
    const { status, output } = await run.ended();

    expect(status).toBe("completed");
    expect(output).toMatchObject({ enriched_data: DEMO_CONTACTS.lead_nurture, route: "nurture", crm_updated: true });
    expect(crm.updates).toEqual([]);
    expect(await eventsOf(runtime, run.runId)).toEqual([]);
    expect(
      await runtime
        .context("context-leads")
        .get(".qualification")
        .catch(() => undefined),
    ).toBeUndefined();
  });

  test("characters that a key does not allow become - in the record's key, and stay in its value", async () => {
    const revenueOps = createRevenueOps();
    await using started = await start([revenueOps]);
    const { runtime } = started;

    await (await runtime.activate(revenueOps, "lead_qualification", { contact_id: "a.b@c d" })).ended();

    expect((await runtime.context("context-leads").get("a-b-c-d.qualification"))?.value).toMatchObject({ contact_id: "a.b@c d" });
  });

  test.each([
    ["enrich", { getContact: async () => Promise.reject(new Error("CRM answers 500")) }],
    ["update_crm", { updateContact: async () => Promise.reject(new Error("CRM answers 500")) }],
  ] as const)("an error of the CRM fails %s and the run, which then records and raises nothing", async (node_id, broken: Partial<Crm>) => {
    const revenueOps = createRevenueOps({ crm: { ...noCrm, getContact: async () => DEMO_CONTACTS.lead_nurture ?? {}, ...broken } });
    await using started = await start([revenueOps]);
    const { runtime } = started;

    const run = await runtime.activate(revenueOps, "lead_qualification", { contact_id: "lead_nurture" });
    const { status, error } = await run.ended();

    expect(status).toBe("failed");
    expect(error).toMatchObject({ node_id, message: expect.stringContaining("CRM answers 500") });
    expect(await eventsOf(runtime, run.runId)).toEqual([]);
    expect(await runtime.context("context-leads").get("lead_nurture.qualification")).toBeUndefined();
  });
});
