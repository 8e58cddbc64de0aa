import type { NodeContext, OperatorDefinition, StepCode } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator } from "../operator.ts";
import { workflow } from "../workflow.ts";
import { readOperatorsYaml } from "./index.ts";

const withNodes = (
  nodes: string,
  state = "{ deal: string, rivals: { type: array }, sizes: { type: array }, paid: number, found: object }",
) => `
operators:
  - id: sales
    name: Sales
    workflows:
      - id: qualify
        ${state === "" ? "" : `state: ${state}`}
        nodes:
${nodes}
      - { id: research, state: { name: string, n: number }, nodes: [{ id: rest, type: wait, duration: 1s }] }
`;

const NODES = `
          - id: payment
            type: wait
            event: [invoice.paid, invoice.waived]
            mode: all
            match: { deal_id: "{{deal}}", kind: "of {{deal}}", live: true }
            timeout: 3d
            on_timeout: [{ id: late, type: wait, duration: 1d }]
            outputs: { paid: amount }
          - { id: told, type: wait, event: deal.told, output: found, when: paid < 5 }
          - { id: company, type: run, workflow: research, input: { name: "{{deal}}", n: "{{paid}}" }, outputs: { paid: n }, timeout: 1h, on_failure: { paid: 7 } }
          - { id: other, type: run, operator: company_intel, workflow: research, output: found, when: paid > 5 }
          - { id: rivals, type: each, workflow: research, items: rivals, input: { name: "{{item.name}}", n: "{{index}}" }, output: sizes, concurrency: 5, max_items: 20, on_failure: skip }`;

function load(text: string): OperatorDefinition {
  const [first] = readOperatorsYaml(text, { name: "operators.yaml", env: {} }).compile({ prompts: new Map(), handlers: new Map() });
  if (first === undefined) throw new Error("no operator");
  return first;
}

function asValues(): OperatorDefinition {
  const research = workflow("research", { state: z.object({ name: z.string().default(""), n: z.number().default(0) }) }).wait("rest", "1s");
  const State = z.object({
    deal: z.string().default(""),
    rivals: z.array(z.unknown()).default([]),
    sizes: z.array(z.unknown()).default([]),
    paid: z.number().default(0),
    found: z.record(z.string(), z.unknown()).default({}),
  });
  const qualify = workflow("qualify", { state: State })
    .wait("payment", {
      event: ["invoice.paid", "invoice.waived"],
      mode: "all",
      match: { deal_id: ({ deal }) => deal, kind: ({ deal }) => `of ${deal}`, live: () => true },
      timeout: "3d",
      onTimeout: (late) => late.wait("late", "1d"),
      output: { paid: "amount" },
    })
    .wait("told", { event: "deal.told", output: "found" }, { when: ({ paid }) => paid < 5 })
    .run("company", {
      workflow: "research",
      input: ({ deal, paid }) => ({ name: deal, n: paid }),
      map: ({ n }) => ({ paid: Number(n) }),
      timeout: "1h",
      onFailure: () => ({ paid: 7 }),
    })
    .run("other", { operator: "company_intel", workflow: "research", output: "found", when: ({ paid }) => paid > 5 })
    .each("rivals", {
      workflow: "research",
      items: ({ rivals }) => rivals,
      input: (item, n) => ({ name: item, n }),
      output: "sizes",
      concurrency: 5,
      maxItems: 20,
      onFailure: "skip",
    });
  return operator("sales", { name: "Sales", workflows: [qualify, research] });
}

describe("waits for events, and runs that begin others, in YAML", () => {
  const definition = load(withNodes(NODES));
  const ctx = {} as NodeContext;
  const STATE = { deal: "d1", rivals: [{ name: "ACME" }], sizes: [], paid: 3, found: {} };
  const codeOf = <K extends StepCode["kind"]>(kind: K, step: string) => {
    const code = definition.workflows.get("qualify")?.steps.get(step);
    if (code?.kind !== kind) throw new Error(`${step} is no ${kind}`);
    return code as Extract<StepCode, { kind: K }>;
  };

  test("give the same manifest as in values", () => {
    expect(definition.manifest).toEqual(asValues().manifest);
    expect(definition.version).toBe(asValues().version);
  });

  test("match events by values of the state", async () => {
    expect(await codeOf("wait", "payment").match?.(STATE, ctx)).toEqual({ deal_id: "d1", kind: "of d1", live: true });
  });

  test("begin children with values of their own types, and take what they give", async () => {
    const { input, end } = codeOf("run", "company");
    const child = { runId: "run_1", error: null };

    expect(await input(STATE, ctx)).toEqual({ name: "d1", n: 3 });
    expect(await end({ ...child, status: "completed", output: { n: 9, name: "x" } }, STATE)).toEqual({ paid: 9 });
    expect(await end({ ...child, status: "completed", output: {} }, STATE)).toEqual({});
    expect(await end({ ...child, status: "failed", output: {} }, STATE)).toEqual({ paid: 7 });
  });

  test("begin a child for each item, which placeholders name beside the state", async () => {
    const { items, input, end } = codeOf("each", "rivals");

    expect(await items(STATE, ctx)).toEqual([{ name: "ACME" }]);
    expect(await input({ name: "ACME" }, 4, STATE)).toEqual({ name: "ACME", n: 4 });
    expect(await end([{ runId: "run_1", status: "completed", output: { n: 1 }, error: null }], STATE)).toEqual({ sizes: [{ n: 1 }] });
  });

  test("make the fields of a state that nobody declared", () => {
    const inferred = load(
      withNodes(
        `          - { id: a, type: wait, event: x.y, match: { id: "{{deal}}" }, output: heard }
          - { id: b, type: each, workflow: research, items: list, input: { name: "{{item}} of {{deal}}" }, output: all }`,
        "",
      ),
    );

    expect(inferred.manifest.workflows[0]?.state_fields).toEqual(["deal", "list", "heard", "all"]);
  });
});

test.each([
  ["{ id: a, type: wait, duration: 1d, event: x.y }", "give event or duration, not both; how long it is waited for is timeout"],
  ["{ id: a, type: wait, duration: 1d, match: { a: 1 } }", "match goes with event"],
  ["{ id: a, type: wait, event: x.y, output: paid, outputs: { paid: n } }", "give output or outputs, not both"],
  ["{ id: a, type: wait, event: x.y, on_timeout: [{ id: b, type: wait, duration: 1s }] }", "onTimeout needs a timeout"],
  ["{ id: a, type: wait, event: run.started }", "operators.yaml:9:"],
  ["{ id: a, type: wait, event: x.y, outputs: { piad: n } }", 'did you mean "paid"?'],
  ["{ id: a, type: run, workflow: reserch }", "workflow reserch is none of this operator's"],
  ['{ id: a, type: run, workflow: research, input: { name: "{{dael}}" } }', 'did you mean "deal"?'],
  ["{ id: a, type: run, workflow: research, output: found, outputs: { paid: n } }", "give output or outputs, not both"],
  ["{ id: a, type: run, workflow: research, on_failure: skip }", "operators.yaml:9:"],
  ["{ id: a, type: each, workflow: research, items: rivlas, input: {} }", 'did you mean "rivals"?'],
  [
    "{ id: a, type: each, workflow: research, items: rivals, input: {}, concurrency: 101 }",
    "concurrency must be a whole number from 1 to 100",
  ],
])("%s is refused", (node, told) => {
  expect(() => load(withNodes(`          - ${node}`))).toThrow(told);
});
