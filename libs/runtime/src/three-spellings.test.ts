/** One operator as values, as a class and in YAML: one manifest, one picture, one run. */
import { definitionOf, type OperatorDefinition } from "@openvibe/core";
import { drawPlan, planWorkflow } from "@openvibe/graph";
import { operator, workflow } from "@openvibe/sdk";
import { conditional, llmNode, node, operator as operatorOf, workflow as workflowOf } from "@openvibe/sdk/decorators";
import { readOperatorsYaml, toHandlerTable } from "@openvibe/sdk/yaml";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld } from "./world-for-tests.ts";

const Lead = z.object({
  company: z.string().default(""),
  fit: z.number().default(0),
  mail: z.string().default(""),
  updated: z.boolean().default(false),
});

const values = operator("leads", {
  name: "Leads",
  workflows: [
    workflow("qualify", { state: Lead, triggers: { new_lead: "on_demand" }, timeout: "5m" })
      .llm("score", { model: "sonnet", system: "You score.", user: ({ company }) => `Score ${company}`, outputs: ["fit"] })
      .branch("decide", ({ fit }) => (fit >= 80 ? "sales" : "drop"), {
        sales: (arm) => arm.llm("write", { model: "haiku", user: ({ company }) => `Write to ${company}`, output: "mail" }),
        drop: null,
      })
      .node("update", () => ({ updated: true }), { pure: true }),
  ],
});

@operatorOf({ id: "leads", name: "Leads" })
class Leads {
  company = "";
  fit = 0;
  mail = "";
  updated = false;

  @workflowOf({ id: "qualify", triggers: { new_lead: "on_demand" }, timeout: "5m" })
  static Qualify = class {
    @llmNode({ model: "sonnet" })
    score({ company }: Leads) {
      return { system: "You score.", user: `Score ${company}`, outputKeys: ["fit"] };
    }

    @conditional<Leads>({ routes: { sales: { when: (s) => s.fit >= 80, steps: ["write"] }, drop: { when: () => true, steps: [] } } })
    decide() {}

    @llmNode({ model: "haiku" })
    write({ company }: Leads) {
      return { user: `Write to ${company}`, outputKey: "mail" };
    }

    @node({ pure: true })
    update() {
      return { updated: true };
    }
  };
}

const YAML = `
operators:
  - id: leads
    name: Leads
    state: { company: string, fit: number, mail: string, updated: boolean }
    workflows:
      - id: qualify
        triggers: { new_lead: on_demand }
        timeout: 5m
        nodes:
          - { id: score, type: llm, model: sonnet, system: You score., prompt: "Score {{company}}", outputs: [fit] }
          - id: decide
            type: conditional
            routes:
              sales:
                when: fit >= 80
                nodes: [{ id: write, type: llm, model: haiku, prompt: "Write to {{company}}", output: mail }]
              drop:
          - { id: update, type: logic, pure: true }
`;
const handlers = toHandlerTable({ leads: { qualify: { update: () => ({ updated: true }) } } }, (what) => new Error(what));
const [inYaml = values] = readOperatorsYaml(YAML, { name: "leads.yaml", env: {} }).compile({ prompts: new Map(), handlers });

const SPELLINGS: readonly (readonly [name: string, definition: OperatorDefinition])[] = [
  ["a class", definitionOf(Leads)],
  ["YAML", inYaml],
];

const pictureOf = ({ manifest }: OperatorDefinition) => manifest.workflows.map((each) => drawPlan(planWorkflow(manifest.id, each)));

describe.each(SPELLINGS)("%s beside values", (_name, definition) => {
  test("gives one manifest, and so one version, and one picture", async () => {
    expect(definition.manifest).toEqual(values.manifest);
    expect(definition.version).toBe(values.version);
    expect(await Promise.all(pictureOf(definition))).toEqual(await Promise.all(pictureOf(values)));
  });

  test.each(FORMS)("gives one run, in the form %s", async (form) => {
    for (const fit of [90, 10]) {
      const told = [];
      for (const each of [values, definition]) {
        await using world = openWorld({
          form,
          script: ({ schema, user }) => (schema === undefined ? `Dear ${user}` : JSON.stringify({ fit })),
        });
        await world.start([each]);
        const runId = await world.accept(each, "qualify", { company: "Stripe" });
        const { output, status } = await world.ended(runId);
        const events = (await world.told(runId)).map(({ type, nodeId }) => `${type} ${nodeId ?? ""}`);
        told.push({ output, status, events, asked: world.llm.requests.map(({ system, user, model }) => ({ system, user, model })) });
      }

      expect(told[1]).toEqual(told[0]);
      expect(told[0]?.output).toEqual({ company: "Stripe", fit, updated: true, ...(fit === 90 ? { mail: "Dear Write to Stripe" } : {}) });
    }
  });
});
