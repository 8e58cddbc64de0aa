import { describe, expect, test } from "vitest";
import defaultExport, { companyIntel } from "./index.ts";

const [research] = companyIntel.manifest.workflows;

test("the default export is the operator", () => {
  expect(defaultExport).toBe(companyIntel);
});

test("the manifest says what the operator is", () => {
  expect(companyIntel.manifest).toMatchObject({
    id: "company_intel",
    name: "Company Intelligence",
    owner: "Sales / Strategy",
    output: "slack:#revenue-intelligence",
    answers: { research: "research" },
  });
  expect(companyIntel.manifest.workflows).toHaveLength(1);
});

test("research is one workflow of four nodes, started on demand as query, with five minutes", () => {
  expect(research).toMatchObject({ id: "research", timeout_ms: 300_000, triggers: [{ id: "query", on: "on_demand" }] });
  expect(research?.steps.map(({ id, kind }) => [id, kind])).toEqual([
    ["research", "llm"],
    ["analyze", "llm"],
    ["decide", "node"],
    ["report", "node"],
  ]);
});

test("both models are haiku at 0.7 with 4096 tokens, writing research and analysis unchanged", () => {
  const asked = { model: "haiku", temperature: 0.7, max_tokens: 4096, reply: "text" };
  expect(research?.steps[0]).toMatchObject({ ...asked, outputs: ["research"] });
  expect(research?.steps[1]).toMatchObject({ ...asked, outputs: ["analysis"] });
});

test("a run begins from the defaults; input that is no state field is dropped", () => {
  expect(companyIntel.workflows.get("research")?.openState({ company_name: "Stripe", colour: "blue" })).toEqual({
    state: { company_name: "Stripe", research: "", analysis: "", prospect_quality: "", decision: "", report: "", completed: false },
    ignoredInput: ["colour"],
  });
});

describe("the answer research", () => {
  const answer = companyIntel.answers.get("research");

  test("takes the company as the workflow's company_name", () => {
    expect(answer?.workflowId).toBe("research");
    expect(answer?.input({ company: "Stripe", more: 1 })).toEqual({ company_name: "Stripe" });
  });

  test.each([[null], ["Stripe"], [["Stripe"]], [{}], [{ company: null }], [{ company: 7 }]])(
    "refuses %j, saying what is allowed",
    (body) => {
      expect(() => answer?.input(body)).toThrow(/the body must be \{"company": "<name>"\}/);
    },
  );
});
