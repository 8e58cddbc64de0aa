import { manifestVersion, type NodeContext, type Run, type State, type StepCode } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator, workflow } from "./index.ts";

const Lead = z.object({
  company: z.string().default(""),
  fit: z.int().default(0),
  route: z.enum(["pending", "sales", "nurture"]).default("pending"),
});

const lead = workflow("lead", {
  state: Lead,
  description: "Looks at a lead.",
  triggers: { new_lead: "webhook:hubspot_new_lead", nightly: { on: "cron:0 7 * * 1-5 Europe/Berlin", catchUp: "none" } },
  timeout: "5m",
  onComplete: (state, ctx) => ctx.publish("lead.seen", { fit: state.fit }),
})
  .llm("enrich", { model: "haiku", system: "You are brief.", user: "Who?", output: "company" })
  .llm("score", {
    model: "sonnet",
    maxTokens: 100,
    temperature: 0.3,
    system: (s) => `About ${s.company}`,
    user: async (s, ctx) => `${s.fit} ${ctx.runId}`,
    outputs: ["fit"],
    timeout: "30s",
    retries: 4,
  })
  .llm("read", { model: "opus", user: "?", parse: (reply, s) => ({ fit: s.fit + reply.length }), attempts: 1 })
  .node("weigh", (s) => ({ fit: s.fit + 1 }), { pure: true, timeout: 500 })
  .branch("route", (s) => (s.fit > 50 ? "sales" : { route: "nurture", set: { fit: 50 } }), {
    sales: (b) => b.node("call", () => {}).branch("again", () => "yes", { yes: null }),
    nurture: null,
  })
  .node("last", () => {});

const op = operator("revenue_ops", {
  name: "Revenue Operations",
  description: "From first contact to deal.",
  owner: "VP Sales",
  output: "slack:#sales-agents",
  workflows: [lead, workflow("plain", { state: Lead }).node("n", () => {})],
  answers: {
    fit: {
      workflow: "lead",
      input: (body) => ({ company: String(body), fit: undefined }),
      reply: (run) => ({ fit: run.output.fit, company: run.output.company, run_id: run.runId }),
    },
  },
});

const ctx = { runId: "run_1" } as NodeContext;
const code = op.workflows.get("lead");
const state: State = { company: "Acme", fit: 7, route: "pending" };

function step<K extends StepCode["kind"]>(id: string, kind: K): Extract<StepCode, { kind: K }> {
  const found = code?.steps.get(id);
  if (found?.kind !== kind) throw new Error(`no ${kind} ${id}`);
  return found as Extract<StepCode, { kind: K }>;
}

describe("an operator's manifest", () => {
  test("says everything as plain JSON", () => {
    expect(JSON.parse(JSON.stringify(op.manifest))).toEqual(op.manifest);
    expect(op.manifest).toMatchObject({
      id: "revenue_ops",
      name: "Revenue Operations",
      description: "From first contact to deal.",
      owner: "VP Sales",
      output: "slack:#sales-agents",
      answers: { fit: "lead" },
    });
    const [workflow, plain] = op.manifest.workflows;
    expect({ ...workflow, input_schema: undefined }).toEqual({
      id: "lead",
      description: "Looks at a lead.",
      triggers: [
        { id: "new_lead", on: "webhook:hubspot_new_lead" },
        { id: "nightly", on: "cron:0 7 * * 1-5 Europe/Berlin", catch_up: "none" },
      ],
      timeout_ms: 300_000,
      input_schema: undefined,
      state_fields: ["company", "fit", "route"],
      on_complete: true,
      steps: [
        { kind: "llm", id: "enrich", model: "haiku", max_tokens: 4096, attempts: 3, outputs: ["company"], reply: "text" },
        {
          kind: "llm",
          id: "score",
          model: "sonnet",
          max_tokens: 100,
          temperature: 0.3,
          attempts: 5,
          outputs: ["fit"],
          reply: "json",
          timeout_ms: 30_000,
        },
        { kind: "llm", id: "read", model: "opus", max_tokens: 4096, attempts: 1, outputs: [], reply: "parse" },
        { kind: "node", id: "weigh", pure: true, timeout_ms: 500 },
        {
          kind: "branch",
          id: "route",
          routes: {
            sales: [
              { kind: "node", id: "call" },
              { kind: "branch", id: "again", routes: { yes: [] } },
            ],
            nurture: [],
          },
          route_field: "route",
        },
        { kind: "node", id: "last" },
      ],
    });
    expect(plain?.triggers).toEqual([{ id: "plain", on: "on_demand" }]);
    expect(plain).not.toHaveProperty("on_complete");
  });

  test("has a version that is the same for the same content and another for another", () => {
    const make = (model: string) =>
      operator("a", { name: "A", workflows: [workflow("w", { state: Lead }).llm("s", { model, user: "?", output: "company" })] });

    expect(op.version).toBe(manifestVersion(op.manifest));
    expect(make("haiku").version).toBe(make("haiku").version);
    expect(make("haiku").version).not.toBe(make("opus").version);
  });

  test("cannot be changed afterwards", () => {
    expect(() => Object.assign(op.manifest.workflows[0] ?? {}, { id: "other" })).toThrow(TypeError);
    expect(() => Object.assign(op, { version: "other" })).toThrow(TypeError);
  });
});

describe("an operator's code", () => {
  test("has every step of every arm", () => {
    expect([...(code?.steps.keys() ?? [])]).toEqual(["enrich", "score", "read", "weigh", "route", "call", "again", "last"]);
  });

  test("makes prompts of texts and of functions of state and context", async () => {
    expect(step("enrich", "llm").prompt(state, ctx)).toEqual({ system: "You are brief.", user: "Who?" });
    expect(await step("score", "llm").prompt(state, ctx)).toEqual({ system: "About Acme", user: "7 run_1" });
    expect(step("read", "llm").prompt(state, ctx)).toEqual({ user: "?" });
  });

  test("says where a prompt is no text", async () => {
    const odd = operator("a", {
      name: "A",
      workflows: [
        workflow("w", { state: Lead }).llm("s", { model: "haiku", user: (() => undefined) as unknown as () => string, output: "company" }),
      ],
    });
    const found = odd.workflows.get("w")?.steps.get("s");

    const prompt = async () => (found?.kind === "llm" ? found.prompt(state, ctx) : undefined);

    await expect(prompt()).rejects.toMatchObject({
      code: "OV_NODE_FAILED",
      message: expect.stringContaining("operator a, workflow w, step s, user"),
    });
  });

  test("reads replies as text, as JSON by a schema, and by code of the author's", () => {
    expect(step("enrich", "llm").read('{"a":1}', state)).toEqual({ company: '{"a":1}' });
    expect(step("enrich", "llm")).not.toHaveProperty("schema");
    expect(step("score", "llm").read('{"fit":3}', state)).toEqual({ fit: 3 });
    expect(step("score", "llm").schema).toMatchObject({ required: ["fit"], additionalProperties: false });
    expect(step("read", "llm").read("abc", state)).toEqual({ fit: 10 });
    expect(step("read", "llm")).not.toHaveProperty("schema");
  });

  test("runs nodes, chooses routes and completes with the author's functions", async () => {
    const published: unknown[] = [];
    const publish: NodeContext["publish"] = (...event) => void published.push(event);

    expect(await step("weigh", "node").run(state, ctx)).toEqual({ fit: 8 });
    expect(await step("route", "branch").choose(state, ctx)).toEqual({ route: "nurture", set: { fit: 50 } });
    expect(await step("route", "branch").choose({ ...state, fit: 51 }, ctx)).toBe("sales");
    await code?.onComplete?.(state, { ...ctx, publish });
    expect(published).toEqual([["lead.seen", { fit: 7 }]]);
  });

  test("opens and checks a state by the workflow's schema", () => {
    expect(code?.openState({ fit: 3, nope: 1 })).toEqual({ state: { company: "", fit: 3, route: "pending" }, ignoredInput: ["nope"] });
    expect(() => code?.openState({ fit: 0.5 })).toThrow("operator revenue_ops, workflow lead: the input does not fit: /fit");
    expect(code?.checkPatch({ route: "sales" }, "route")).toEqual({ route: "sales" });
    expect(() => code?.checkPatch({ route: "other" }, "last")).toThrow("operator revenue_ops, workflow lead, step last");
  });
});

describe("an operator's answers", () => {
  const answer = op.answers.get("fit");
  const run = { runId: "run_1", output: { company: "Acme" } } as unknown as Run;

  test("turn a question into input and a run into a reply, leaving out what is undefined", () => {
    expect(answer?.workflowId).toBe("lead");
    expect(answer?.input("Acme")).toStrictEqual({ company: "Acme" });
    expect(answer?.reply(run)).toStrictEqual({ company: "Acme", run_id: "run_1" });
  });

  test("refuse what is no JSON", () => {
    const odd = operator("a", {
      name: "A",
      workflows: [workflow("w", { state: Lead }).node("n", () => {})],
      answers: { q: { workflow: "w", input: () => "text" as never, reply: () => ({ at: new Date(0) as never }) } },
    }).answers.get("q");

    expect(() => odd?.input(null)).toThrow(expect.objectContaining({ code: "OV_INPUT_INVALID" }));
    expect(() => odd?.reply(run)).toThrow("operator a, answer q: reply gave what is no JSON at /at: a Date is not plain JSON");
  });
});

describe("a chain", () => {
  test("is a value: what is added later does not change what there was", () => {
    const begun = workflow("w", { state: Lead }).node("a", () => {});
    const left = begun.node("b", () => {});
    const right = begun.node("c", () => {});

    const ids = [begun, left, right].map((flow) =>
      operator("o", { name: "O", workflows: [flow] }).manifest.workflows[0]?.steps.map(({ id }) => id),
    );

    expect(ids).toEqual([["a"], ["a", "b"], ["a", "c"]]);
  });
});
