import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator, workflow } from "./index.ts";

const State = z.object({
  text: z.string().default(""),
  count: z.number().default(0),
  route: z.enum(["a", "b"]).default("a"),
});
const ask = { model: "haiku", user: "?" };

/** Plain JavaScript: what the types would refuse must be refused at load as well. */
interface LooseChain {
  llm(...args: unknown[]): LooseChain;
  node(...args: unknown[]): LooseChain;
  branch(...args: unknown[]): LooseChain;
}
const loose = (options: object = {}, id: unknown = "w") => workflow(id as string, { state: State, ...options }) as unknown as LooseChain;
const noop = () => {};
const load = (options: object | LooseChain, id: unknown = "op") =>
  operator(id as string, ("node" in options ? { name: "Op", workflows: [options] } : options) as Parameters<typeof operator>[1]);

describe("a faulty definition is refused at load, naming operator, workflow and step", () => {
  test.each<[name: string, make: () => unknown, message: string]>([
    ["an operator's id", () => load(loose().node("n", noop), "My Op"), 'operator "My Op": an id is 1 to 64 of a-z'],
    ["an operator's id of another type", () => load(loose().node("n", noop), 7), "operator (number): an id is"],
    ["no options", () => operator("op", undefined as never), "operator op: options are missing"],
    ["no name", () => load({ workflows: [loose().node("n", noop)] }), "operator op: needs a name"],
    ["no workflows", () => load({ name: "Op", workflows: [] }), "operator op: has no workflows"],
    ["workflows left out", () => load({ name: "Op" }), "operator op: has no workflows"],
    [
      "something that is no workflow",
      () => load({ name: "Op", workflows: [{ id: "w" }] }),
      "operator op: workflows[0] is not what workflow",
    ],
    [
      "an unknown option",
      () => load({ name: "Op", workflow: [] }),
      'operator op: there is no option "workflow": did you mean "workflows"?',
    ],
    [
      "two workflows of one id",
      () => load({ name: "Op", workflows: [loose().node("n", noop), loose().node("n", noop)] }),
      "operator op, workflow w: the id is taken by another workflow",
    ],
    ["a workflow's id", () => load(loose({}, "W!").node("n", noop)), 'operator op, workflow "W!": an id is'],
    ["a workflow without steps", () => load(loose()), "operator op, workflow w: has no steps"],
    [
      "a misspelt workflow option",
      () => load(loose({ timeOut: "5m" }).node("n", noop)),
      'workflow w: there is no option "timeOut": did you mean "timeout"?',
    ],
    ["a wrong timeout", () => load(loose({ timeout: "5 minutes" }).node("n", noop)), 'workflow w, timeout: "5 minutes" is no duration'],
    ["no state", () => load(loose({ state: undefined }).node("n", noop)), "workflow w: state must be a z.object"],
    ["onComplete that is no function", () => load(loose({ onComplete: 1 }).node("n", noop)), "workflow w: onComplete must be a function"],
    [
      "trigger and triggers",
      () => load(loose({ trigger: "on_demand", triggers: {} }).node("n", noop)),
      "give trigger or triggers, not both",
    ],
    ["no triggers at all", () => load(loose({ triggers: {} }).node("n", noop)), "triggers is empty"],
    [
      "a trigger's form",
      () => load(loose({ trigger: "cron:1 2" }).node("n", noop)),
      'workflow w, trigger w: trigger "cron:1 2": has 2 parts',
    ],
    [
      "a trigger's options",
      () => load(loose({ triggers: { t: { on: "event:a", fliter: {} } } }).node("n", noop)),
      'workflow w, trigger t: there is no option "fliter": did you mean "filter"?',
    ],
    [
      "a filter of what is no event",
      () => load(loose({ triggers: { t: { on: "on_demand", filter: { a: 1 } } } }).node("n", noop)),
      "trigger t: filter is for events",
    ],
    [
      "a catch-up of what is no clock",
      () => load(loose({ triggers: { t: { on: "event:a", catchUp: "all" } } }).node("n", noop)),
      "trigger t: catchUp is for cron",
    ],
    [
      "a catch-up that is none",
      () => load(loose({ triggers: { t: { on: "cron:0 7 * * *", catchUp: "first" } } }).node("n", noop)),
      "trigger t: catchUp first is none; allowed are last, none and all",
    ],
    [
      "a filter that is code",
      () => load(loose({ triggers: { t: { on: "event:a", filter: () => true } } }).node("n", noop)),
      "trigger t: filter must be an object of 1 to 8 fields",
    ],
    [
      "a filter by an object",
      () => load(loose({ triggers: { t: { on: "event:a", filter: { lead: { id: 1 } } } } }).node("n", noop)),
      "trigger t: filter must be an object of 1 to 8 fields",
    ],
    [
      "a filter by a path with a hole",
      () => load(loose({ triggers: { t: { on: "event:a", filter: { "lead..id": 1 } } } }).node("n", noop)),
      'trigger t: filter "lead..id" is no field: allowed are names, joined by dots',
    ],
    ["a trigger's id", () => load(loose({ triggers: { "A b": "on_demand" } }).node("n", noop)), 'workflow w, trigger "A b": an id is'],
    [
      "a trigger named like another workflow",
      () => load({ name: "Op", workflows: [loose({ triggers: { v: "on_demand" } }).node("n", noop), loose({}, "v").node("n", noop)] }),
      "operator op, workflow w, trigger v: the id is taken by workflow v",
    ],
    [
      "two triggers of one id",
      () =>
        load({
          name: "Op",
          workflows: [
            loose({ triggers: { t: "on_demand" } }).node("n", noop),
            loose({ triggers: { t: "on_demand" } }, "v").node("n", noop),
          ],
        }),
      "operator op, workflow v, trigger t: the id is taken by workflow w",
    ],
    ["a step's id", () => load(loose().node("My step", noop)), 'workflow w, step "My step": an id is'],
    [
      "a step's name twice",
      () => load(loose().node("n", noop).node("n", noop)),
      "step n: the name is taken by operator op, workflow w, step n",
    ],
    [
      "a step's name in two arms",
      () => load(loose().branch("r", () => "a", { a: (b: LooseChain) => b.node("n", noop), b: (b: LooseChain) => b.node("n", noop) })),
      'workflow w, route "b" of step r, step n: the name is taken by operator op, workflow w, route "a" of step r, step n',
    ],
    [
      "a step's name in an arm inside an arm",
      () =>
        load(
          loose()
            .branch("r", () => "a", { a: (b: LooseChain) => b.branch("s", () => "x", { x: (c: LooseChain) => c.node("n", noop) }) })
            .node("n", noop),
        ),
      'step n: the name is taken by operator op, workflow w, route "a" of step r, route "x" of step s, step n',
    ],
    ["a node without code", () => load(loose().node("n")), "step n: needs a function of the state"],
    [
      "a node's unknown option",
      () => load(loose().node("n", noop, { pur: true })),
      'step n: there is no option "pur": did you mean "pure"?',
    ],
    ["a node's timeout", () => load(loose().node("n", noop, { timeout: 0 })), "step n, timeout: 0 is no duration"],
    ["an llm without options", () => load(loose().llm("n")), "step n: options are missing"],
    ["an llm without a model", () => load(loose().llm("n", { user: "?", output: "text" })), "step n: model is missing"],
    ["an llm without user", () => load(loose().llm("n", { model: "haiku", output: "text" })), "step n: user must be a text or a function"],
    ["an llm with an odd system", () => load(loose().llm("n", { ...ask, system: 1, output: "text" })), "step n: system must be a text"],
    [
      "an llm's tokens",
      () => load(loose().llm("n", { ...ask, maxTokens: 1.5, output: "text" })),
      "step n: maxTokens must be a whole number",
    ],
    [
      "an llm's temperature",
      () => load(loose().llm("n", { ...ask, temperature: 3, output: "text" })),
      "temperature must be a number from 0 to 2",
    ],
    ["an llm's attempts", () => load(loose().llm("n", { ...ask, attempts: 0, output: "text" })), "attempts must be a whole number from 1"],
    ["attempts and retries", () => load(loose().llm("n", { ...ask, attempts: 1, retries: 1, output: "text" })), "give attempts or retries"],
    ["no way out of an llm", () => load(loose().llm("n", ask)), "gives none of output, outputs and parse"],
    [
      "two ways out",
      () => load(loose().llm("n", { ...ask, output: "text", parse: noop })),
      "gives more than one of output, outputs and parse",
    ],
    [
      "output of no field",
      () => load(loose().llm("n", { ...ask, output: "txet" })),
      'output: txet is not a field of the state; did you mean "text"?',
    ],
    ["output of a number field", () => load(loose().llm("n", { ...ask, output: "count" })), "output: the field count takes no text"],
    ["output of an enum", () => load(loose().llm("n", { ...ask, output: "route" })), "output: the field route takes no text"],
    [
      "outputs of no field",
      () => load(loose().llm("n", { ...ask, outputs: ["weather"] })),
      "outputs: weather is not a field of the state; allowed are text,",
    ],
    ["no outputs", () => load(loose().llm("n", { ...ask, outputs: [] })), "outputs must name at least one field"],
    ["a field twice in outputs", () => load(loose().llm("n", { ...ask, outputs: ["text", "text"] })), "outputs: names a field twice"],
    ["parse that is no function", () => load(loose().llm("n", { ...ask, parse: "json" })), "parse must be a function"],
    ["a branch without code", () => load(loose().branch("n", "a", { a: null })), "step n: needs a function that chooses the route"],
    ["a branch without routes", () => load(loose().branch("n", () => "a")), "step n: has no routes"],
    ["a route's name", () => load(loose().branch("n", () => "a", { "a b": null })), 'step n: route "a b" is not allowed'],
    ["a reserved route", () => load(loose().branch("n", () => "a", { constructor: null })), 'step n: route "constructor" is not allowed'],
    [
      "an arm that gives nothing back",
      () => load(loose().branch("n", () => "a", { a: noop })),
      'step n: route "a" must be null, or a function',
    ],
    [
      "an arm of another workflow",
      () => load(loose().branch("n", () => "a", { a: () => loose().node("m", noop) })),
      'route "a" must be null, or a function',
    ],
    [
      "a route that does not fit its field",
      () => load(loose().branch("route", () => "c", { c: null })),
      'step route: route "c" does not fit the state field "route"',
    ],
    [
      "a fault inside an arm",
      () => load(loose().branch("n", () => "a", { a: (b: LooseChain) => b.llm("m", { ...ask, output: "count" }) })),
      'operator op, workflow w, route "a" of step n, step m, output: the field count takes no text',
    ],
    [
      "an answer of an unknown workflow",
      () => load({ name: "Op", workflows: [loose().node("n", noop)], answers: { q: { workflow: "x", input: noop, reply: noop } } }),
      "operator op, answer q: there is no workflow x; allowed are w",
    ],
    [
      "an answer without functions",
      () => load({ name: "Op", workflows: [loose().node("n", noop)], answers: { q: { workflow: "w" } } }),
      "operator op, answer q: needs the functions input and reply",
    ],
    [
      "the capability that OpenVibe answers",
      () => load({ name: "Op", workflows: [loose().node("n", noop)], answers: { activate: { workflow: "w", input: noop, reply: noop } } }),
      "operator op, answer activate: starts a run of any operator, and is answered by OpenVibe: take another name",
    ],
    [
      "a capability's name",
      () => load({ name: "Op", workflows: [loose().node("n", noop)], answers: { "a.b": { workflow: "w", input: noop, reply: noop } } }),
      'operator op, answer "a.b": an id is',
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringContaining(message) }));
  });

  test("a state field may have the name of an llm step or a node", () => {
    expect(() =>
      load(
        loose()
          .node("text", noop)
          .llm("count", { ...ask, output: "text" }),
      ),
    ).not.toThrow();
  });
});
