import { end, type OperatorDefinition } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator } from "../operator.ts";
import { workflow } from "../workflow.ts";
import { readOperatorsYaml, toHandlerTable } from "./index.ts";

interface Beside {
  readonly prompts?: Readonly<Record<string, string>>;
  readonly handlers?: object;
}

function load(text: string, { prompts = {}, handlers = {} }: Beside = {}): OperatorDefinition {
  const read = readOperatorsYaml(text, { name: "operators.yaml", env: {} });
  const texts = new Map(Object.entries(prompts).map(([file, prompt]) => [file, { name: file, text: prompt }]));
  const [first] = read.compile({ prompts: texts, handlers: toHandlerTable(handlers, (what) => new Error(what)) });
  if (first === undefined) throw new Error("no operator");
  return first;
}

const codeOf = (definition: OperatorDefinition, workflowId: string, nodeId: string) => {
  const code = definition.workflows.get(workflowId)?.steps.get(nodeId);
  if (code === undefined) throw new Error(`no ${nodeId}`);
  return code as never as {
    when(state: object): boolean;
    prompt(state: object): unknown;
    choose(state: object): unknown;
    goesOn(state: object): unknown;
    until(state: object): unknown;
  };
};
const openState = (definition: OperatorDefinition, workflowId: string, input = {}) =>
  definition.workflows.get(workflowId)?.openState(input).state;

const EVERY_KIND = `
operators:
  - id: desk
    name: Desk
    description: Does all there is.
    owner: Somebody
    output: slack:#desk
    state:
      name: string
      score: { type: number, default: 5 }
      tags: { type: array, items: string }
      approved: boolean
      stage: { enum: [hot, cold], default: cold }
      at: string
    workflows:
      - id: all
        description: One of each.
        triggers:
          one: on_demand
          two: "event:lead.qualified"
          three: { on: "event:self:lead.won", filter: { region: emea, lead.size: 5, lead.tags.0: vip, hot: true, lost: null } }
          four: { on: "cron:0 7 * * 1-5 Europe/Berlin", catch_up: none }
          five: { on: "cron:0 8 * * *", catch_up: last }
          six: { on: "event:lead.changed", debounce: { wait: 30s, max: 5m, key: lead.id } }
          seven: { on: "event:lead.found", batch: { size: 50, wait: 1m } }
          eight: { on: "event:lead.lost", rate: { limit: 100, per: 1m }, filter: { region: emea } }
          nine: { on: "event:lead.moved", singleton: { mode: cancel, key: id } }
          ten: { on: "event:lead.left", concurrency: 5 }
        timeout: 5m
        durable: { max_days: 14 }
        nodes:
          - { id: write, type: llm, model: haiku, system: You write., prompt: "Hello {{name}}", output: name, max_tokens: 100, temperature: 0.5, retries: 4, timeout: 30s, fallback: [sonnet, gpt-4o], cache: true, when: score < 100 }
          - { id: judge, type: llm, model: claude-opus-4-6, prompt: Judge, outputs: [score, tags], retries: { attempts: 2, backoff: 5s } }
          - { id: think, type: logic, pure: true, retries: { attempts: 3, backoff: 2s }, timeout: 1m }
          - id: again
            type: loop
            while: score < 3
            max_iterations: 10
            nodes: [{ id: bump, type: logic }]
          - id: stage
            type: conditional
            routes:
              hot:
                when: score >= 80 and "vip" in tags
                nodes:
                  - id: ask
                    type: human
                    prompt: May {{name}}?
                    answer: [approved]
                    timeout: 24h
                    on_timeout: [{ id: late, type: logic }]
                    reminder: 1h
                    approvers: { of: [ann, bob], needed: 1 }
              cold:
          - id: turn
            type: conditional
            routes: { back: { when: score == 1, goto: judge }, out: { when: score == 2, end: true }, on: }
          - { id: pause, type: wait, duration: 3d, when: not approved }
          - { id: later, type: wait, until: at }
    answers:
      all: { workflow: all, reply: [name] }
`;

function everyKindAsValues(): OperatorDefinition {
  const State = z.object({
    name: z.string().default(""),
    score: z.number().default(5),
    tags: z.array(z.string()).default([]),
    approved: z.boolean().default(false),
    stage: z.enum(["hot", "cold"]).default("cold"),
    at: z.string().default(""),
  });
  const all = workflow("all", {
    state: State,
    description: "One of each.",
    triggers: {
      one: "on_demand",
      two: "event:lead.qualified",
      three: { on: "event:self:lead.won", filter: { region: "emea", "lead.size": 5, "lead.tags.0": "vip", hot: true, lost: null } },
      four: { on: "cron:0 7 * * 1-5 Europe/Berlin", catchUp: "none" },
      five: "cron:0 8 * * *",
      six: { on: "event:lead.changed", debounce: { wait: "30s", max: "5m", key: "lead.id" } },
      seven: { on: "event:lead.found", batch: { size: 50, wait: "1m" } },
      eight: { on: "event:lead.lost", rate: { limit: 100, per: "1m" }, filter: { region: "emea" } },
      nine: { on: "event:lead.moved", singleton: { mode: "cancel", key: "id" } },
      ten: { on: "event:lead.left", concurrency: 5 },
    },
    timeout: "5m",
    durable: { maxDays: 14 },
  })
    .llm("write", {
      model: "haiku",
      system: "You write.",
      user: ({ name }) => `Hello ${name}`,
      output: "name",
      maxTokens: 100,
      temperature: 0.5,
      retries: 4,
      timeout: "30s",
      fallback: ["sonnet", "gpt-4o"],
      cache: true,
      when: ({ score }) => score < 100,
    })
    .llm("judge", { model: "claude-opus-4-6", user: "Judge", outputs: ["score", "tags"], retries: { attempts: 2, backoff: "5s" } })
    .node("think", () => {}, { pure: true, retries: { attempts: 3, backoff: "2s" }, timeout: "1m" })
    .loop("again", { while: ({ score }) => score < 3, maxIterations: 10 }, (body) => body.node("bump", () => {}))
    .branch("stage", ({ score, tags }) => (score >= 80 && tags.includes("vip") ? "hot" : "cold"), {
      hot: (arm) =>
        arm.human("ask", {
          prompt: ({ name }) => `May ${name}?`,
          answer: ["approved"],
          timeout: "24h",
          onTimeout: (late) => late.node("late", () => {}),
          reminder: "1h",
          approvers: { of: ["ann", "bob"], needed: 1 },
        }),
      cold: null,
    })
    .branch("turn", ({ score }) => (score === 1 ? "back" : score === 2 ? "out" : "on"), { back: "judge", out: end(), on: null })
    .wait("pause", "3d", { when: ({ approved }) => !approved })
    .wait("later", { until: ({ at }) => at });
  return operator("desk", {
    name: "Desk",
    description: "Does all there is.",
    owner: "Somebody",
    output: "slack:#desk",
    workflows: [all],
    answers: { all: { workflow: "all", input: () => ({}), reply: () => null } },
  });
}

const nothing = () => ({});
const HANDLERS = { desk: { all: { think: nothing, bump: nothing, late: nothing } } };

describe("operators in YAML", () => {
  test("give the same manifest, and so the same version, as the same operator in values", () => {
    const inYaml = load(EVERY_KIND, { handlers: HANDLERS });

    expect(inYaml.manifest).toEqual(everyKindAsValues().manifest);
    expect(inYaml.version).toBe(everyKindAsValues().version);
  });

  test("run the same code: prompts, conditions, times, answers", async () => {
    const definition = load(EVERY_KIND, { handlers: HANDLERS });
    const of = (nodeId: string) => codeOf(definition, "all", nodeId);

    expect(await of("write").prompt({ name: "Ann" })).toEqual({ system: "You write.", user: "Hello Ann" });
    expect([of("write").when({ score: 99 }), of("write").when({ score: 100 })]).toEqual([true, false]);
    expect(await of("ask").prompt({ name: "Ann" })).toBe("May Ann?");
    expect(await of("again").goesOn({ score: 2 })).toBe(true);
    expect(await of("again").goesOn({ score: 3 })).toBe(false);
    expect(await of("stage").choose({ score: 80, tags: ["vip"] })).toBe("hot");
    expect(await of("stage").choose({ score: 80, tags: [] })).toBe("cold");
    expect(await of("later").until({ at: "2026-11-28T00:00:00Z" })).toBe(Date.UTC(2026, 10, 28));
    const answer = definition.answers.get("all");
    expect(answer?.input({ name: "Ann" })).toEqual({ name: "Ann" });
    expect(() => answer?.input("Ann")).toThrow("desk.all: the body must be an object");
    expect(answer?.reply({ output: { name: "Ann", score: 1 } } as never)).toEqual({ name: "Ann" });
  });
});

test("a workflow's only trigger may have options, too, and variables of the environment", () => {
  const file = `operators: [{ id: o, name: O, state: { n: number }, workflows: [{ id: w, trigger: { on: "event:lead", filter: { lead.region: "\${REGION}" } }, nodes: [{ id: x, type: wait, duration: 1s }] }] }]`;
  const [definition] = readOperatorsYaml(file, { name: "operators.yaml", env: { REGION: "emea" } }).compile({
    prompts: new Map(),
    handlers: new Map(),
  });

  expect(definition?.manifest.workflows[0]?.triggers).toEqual([{ id: "w", on: "event:lead", filter: { "lead.region": "emea" } }]);
});

describe("an answer", () => {
  test.each([
    ["{ a: { workflow: w, reply: [nmae] } }", '"nmae" is not a field of the state; did you mean "name"?'],
    ["{ a: { workflow: v } }", "there is no workflow v; allowed are w"],
  ])("%s is refused", (answers, what) => {
    const file = `operators: [{ id: o, name: O, state: { name: string }, answers: ${answers}, workflows: [{ id: w, nodes: [{ id: x, type: wait, duration: 1s }] }] }]`;

    expect(() => load(file)).toThrow(what);
  });
});

describe("a state that nobody declared", () => {
  const ONE = (nodes: string) => `operators: [{ id: o, name: O, workflows: [{ id: w, nodes: [${nodes}] }] }]`;

  test("holds what models write, by the node's name or by output, and what prompts read", () => {
    const definition = load(
      ONE(
        '{ id: research, type: llm, model: haiku, prompt: "{{company}}" }, { id: judge, type: llm, model: haiku, prompt: "{{research}}", output: verdict }',
      ),
    );

    expect(definition.manifest.workflows[0]?.state_fields).toEqual(["company", "research", "verdict"]);
    expect(openState(definition, "w", { company: "Stripe" })).toEqual({ company: "Stripe", research: "", verdict: "" });
    expect(openState(definition, "w", { company: 7 })).toMatchObject({ company: 7 });
  });

  test("takes types from outputs, answers and writes", () => {
    const definition = load(
      ONE(`{ id: a, type: llm, model: haiku, prompt: Score, outputs: { fit: { type: integer, min: 0, max: 100 }, why: string } },
        { id: b, type: human, prompt: Well, answer: { ok: boolean } },
        { id: c, type: logic, writes: { n: { type: integer, default: 3 } } },
        { id: d, type: logic, writes: [any_one] },
        { id: e, type: logic }`),
      { handlers: { o: { w: { c: nothing, d: nothing, e: nothing } } } },
    );

    expect(openState(definition, "w")).toEqual({ fit: 0, why: "", ok: false, n: 3 });
    expect(definition.manifest.workflows[0]?.state_fields).toEqual(["fit", "why", "ok", "n", "any_one", "e"]);
    expect(() => openState(definition, "w", { fit: 101 })).toThrow("/fit");
  });

  test("takes types from conditions, where they say one", () => {
    const definition = load(
      ONE(`{ id: a, type: conditional, routes: { x: { when: "fit > 1 and done and stage == 'new'" }, y: } },
        { id: b, type: llm, model: haiku, prompt: "{{fit}} {{stage}}" }`),
    );

    expect(openState(definition, "w")).toEqual({ done: false, stage: "", b: "" });
    expect(() => openState(definition, "w", { fit: "7" })).toThrow("/fit");
  });
});

describe("a conditional", () => {
  const routes = (text: string, handlers = {}) =>
    codeOf(
      load(
        `operators: [{ id: o, name: O, state: { n: number, x: { type: array } }, workflows: [{ id: w, nodes: [{ id: way, type: conditional, ${text} }] }] }]`,
        { handlers },
      ),
      "w",
      "way",
    );

  test("by ranges of a field; the last route without one takes what is left", async () => {
    const way = routes("field: n, routes: { high: { from: 80 }, middle: { from: 50, below: 80 }, low: }");

    expect(await Promise.all([80, 79, 50, 49, -1].map((n) => way.choose({ n })))).toEqual(["high", "middle", "middle", "low", "low"]);
  });

  test("by a field's value, or by its being the route's name", async () => {
    const way = routes("field: x, routes: { one: { is: 1 }, yes: { is: true }, plain: }");

    expect(await Promise.all([1, true, "plain"].map((x) => way.choose({ x })))).toEqual(["one", "yes", "plain"]);
    expect(() => way.choose({ x: "other" })).toThrow(
      expect.objectContaining({
        code: "OV_ROUTE_UNKNOWN",
        message: 'no route of way fits: x = "other"; there are one, yes, plain',
      }) as Error,
    );
  });

  test("by conditions: the first that holds; none fails the run and names the values", () => {
    const way = routes("routes: { a: { when: n > 1 }, b: { when: n > 0 } }");

    expect([way.choose({ n: 2 }), way.choose({ n: 1 })]).toEqual(["a", "b"]);
    expect(() => way.choose({ n: 0 })).toThrow("no route of way fits: n = 0; there are a, b");
  });

  test("by a handler, which may change fields as well", async () => {
    const way = routes("routes: { a: , b: }", { o: { w: { way: () => ({ route: "b", set: {} }) } } });

    expect(await way.choose({})).toEqual({ route: "b", set: {} });
  });

  test.each([
    ["routes: { a: , b: { when: n > 1 } }", "only the last route may be without a condition"],
    ["field: n, routes: { a: { when: n > 1 } }", "when stands in place of the conditional's field"],
    ["field: n, routes: { a: { is: 1, from: 1 } }", "give is, or from and below"],
    ["field: n, routes: { a: { from: 2, below: 1 } }", "nothing is from 2 and below 1"],
    ["routes: { a: { from: 2 } }", "need the conditional's field"],
  ])("%s is refused", (text, what) => {
    expect(() => routes(text)).toThrow(what);
  });
});

describe("a declared state", () => {
  const withState = (state: string) =>
    load(`operators: [{ id: o, name: O, state: ${state}, workflows: [{ id: w, nodes: [{ id: a, type: wait, duration: 1s }] }] }]`);

  test("has types, defaults and bounds", () => {
    const definition = withState(
      "{ s: string, i: integer, n: number, b: boolean, l: array, o: object, e: { enum: [x, y] }, p: { type: object, fields: { q: string } }, d: { type: array, items: { type: integer, min: 1 }, default: [1] } }",
    );

    expect(openState(definition, "w")).toEqual({ s: "", i: 0, n: 0, b: false, l: [], o: {}, d: [1] });
    expect(openState(definition, "w", { e: "x", p: { q: "" } })).toMatchObject({ e: "x", p: { q: "" } });
    for (const wrong of [{ s: 1 }, { i: 1.5 }, { e: "z" }, { p: { r: 1 } }, { d: [0] }])
      expect(() => openState(definition, "w", wrong)).toThrow("does not fit");
  });

  test.each([
    ["{ s: strng }", "must be a type: string, integer, number, boolean, array, object"],
    ["{ s: { type: string, default: 1 } }", "the default does not fit the field"],
    ["{ s: { default: 1 } }", "a field needs a type"],
    ["{ s: { type: boolean, min: 1 } }", "min does not go with boolean"],
    ["{ s: { type: array, items: { type: string, default: x } } }", "only a field of the state itself has a default"],
    ["{ s: { type: integer, enum: [a] } }", "an enum's values are texts"],
    ["{ s: { type: string, defualt: x } }", 'there is no key "defualt" here; did you mean "default"?'],
    ["{ 1x: string }", "a field's name is letters"],
    ["{ constructor: string }", 'operators.yaml:1:40 the key "constructor" is reserved'],
    ["{ s: string, a: number }", "it was accepted"],
  ])("%s", (state, what) => {
    let told = "it was accepted";
    try {
      withState(state);
    } catch (error) {
      told = (error as Error).message;
    }
    expect(told).toContain(what);
  });

  test("is the workflow's own before the operator's", () => {
    const definition = load(
      "operators: [{ id: o, name: O, state: { a: string }, workflows: [{ id: w, nodes: [{ id: x, type: wait, duration: 1s }] }, { id: v, state: { b: string }, nodes: [{ id: x, type: wait, duration: 1s }] }] }]",
    );

    expect(definition.manifest.workflows.map(({ state_fields }) => state_fields)).toEqual([["a"], ["b"]]);
  });
});
