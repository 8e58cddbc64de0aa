/** What compiles and what does not. Checked by `tsc`: an error that is missing makes its `@ts-expect-error` unused, which is an error itself. */
import type { JsonObject, OperatorDefinition } from "@openvibe/core";
import { z } from "zod";
import { revenueOps } from "./examples/revenue-ops.example.ts";
import { operator, type WorkflowIds, type WorkflowInput, type WorkflowOutput, workflow } from "./index.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<A, B>(..._: Same<A, B> extends true ? [] : [{ readonly expected: B; readonly got: A }]): void {}
function use(..._: readonly unknown[]): void {}

const Lead = z.object({
  text: z.string().default(""),
  note: z.string().optional(),
  maybe: z.string().nullable().default(null),
  count: z.number().default(0),
  done: z.boolean().default(false),
  tags: z.array(z.string()).default([]),
  route: z.enum(["pending", "a", "b"]).default("pending"),
});
const lead = () => workflow("lead", { state: Lead });
const ask = { model: "haiku", user: "?" } as const;

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
workflow("w", {
  state: Lead,
  trigger: "event:self:lead.qualified",
  timeout: "5m",
  onComplete: async (state, ctx) => {
    expectType<typeof state.tags, string[]>();
    await ctx.context("context-leads").put("k", { count: state.count });
  },
});
workflow("w", { state: z.strictObject({ a: z.string().default("") }), onComplete() {} }).node("n", (s) => expectType<typeof s.a, string>());
lead()
  .llm("s1", { ...ask, output: "text" })
  .llm("s2", { ...ask, output: "maybe" })
  .llm("s3", { ...ask, output: "note", retries: 1 })
  .llm("s4", { model: "my-own-model", user: async (s, ctx) => `${s.text} ${ctx.runId}`, outputs: ["count", "tags"] })
  .llm("s5", { ...ask, parse: (reply, s) => (reply === "" ? { count: s.count } : { text: reply }) })
  .llm("s6", { ...ask, parse: () => ({}) })
  .node("s7", () => {})
  .node("s8", async (s, ctx) => (ctx.attempt > 1 ? { note: undefined } : { route: "a", tags: [...s.tags, "x"] }), {
    pure: true,
    timeout: 500,
  })
  .branch("s9", (s) => (s.done ? "yes" : "no"), { yes: null, no: (b) => b.node("s10", () => ({ done: true })) })
  .branch("s11", async (s) => (s.done ? "yes" : { route: "no", set: { tags: ["x"], route: "b" } }), { yes: (b) => b, no: null })
  .branch("s12", (s, ctx) => ({ route: ctx.attempt > s.count ? "many" : "one", set: { count: ctx.attempt } }), { many: null, one: null });

workflow("w", {
  state: Lead,
  triggers: { t: { on: "event:a", filter: { text: "x" }, debounce: { wait: "30s", max: "5m", key: "lead.id" } } },
});
workflow("w", { state: Lead, triggers: { t: { on: "context:context-leads.*", batch: { size: 10, wait: "1m" } } } });
workflow("w", {
  state: Lead,
  triggers: { t: { on: "event:a", singleton: "skip" }, u: { on: "event:a", concurrency: { limit: 2, key: "id" } } },
});
lead().node("b", (_, ctx) => ({ count: ctx.trigger.events?.length ?? 0 }));

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
// @ts-expect-error 1: a state must be an object
workflow("w", { state: z.string() });
// @ts-expect-error 2: no such kind of trigger
workflow("w", { state: Lead, trigger: "timer:1h" });
// @ts-expect-error 3: a duration has a unit
workflow("w", { state: Lead, timeout: "5 minutes" });
// @ts-expect-error 4: onComplete sees the state's fields only
workflow("w", { state: Lead, onComplete: (state) => use(state.nope) });

// @ts-expect-error 4a: a trigger has one of them
workflow("w", { state: Lead, triggers: { t: { on: "event:a", debounce: { wait: "30s" }, rate: { limit: 1, per: "1s" } } } });
// @ts-expect-error 4b: a key is data, not code
workflow("w", { state: Lead, triggers: { t: { on: "event:a", rate: { limit: 1, per: "1s", key: () => "k" } } } });
// @ts-expect-error 4c: a batch has a size and a wait
workflow("w", { state: Lead, triggers: { t: { on: "event:a", batch: { size: 10 } } } });

// @ts-expect-error 5: a text cannot go into a number field
lead().llm("x", { ...ask, output: "count" });
// @ts-expect-error 6: nor into one of three words
lead().llm("x", { ...ask, output: "route" });
// @ts-expect-error 7: output names no field
lead().llm("x", { ...ask, output: "txet" });
// @ts-expect-error 8: outputs name a field that is not there
lead().llm("x", { ...ask, outputs: ["count", "nope"] });
// @ts-expect-error 9: output and outputs at once
lead().llm("x", { ...ask, output: "text", outputs: ["count"] });
// @ts-expect-error 10: none of output, outputs, parse
lead().llm("x", { ...ask });
// @ts-expect-error 11: no user
lead().llm("x", { model: "haiku", output: "text" });
// @ts-expect-error 12: the prompt reads a field that is not there
lead().llm("x", { model: "haiku", user: (s) => s.nope, output: "text" });
// @ts-expect-error 13: a prompt is a text
lead().llm("x", { model: "haiku", user: (s) => s.count, output: "text" });
// @ts-expect-error 14: a misspelt option
lead().llm("x", { ...ask, max_tokens: 100, output: "text" });
// @ts-expect-error 15: parse gives a wrong type
lead().llm("x", { ...ask, parse: (reply) => ({ count: reply }) });
// @ts-expect-error 16: parse gives an unknown key beside a known one
lead().llm("x", { ...ask, parse: (reply) => ({ text: reply, nope: 1 }) });
// @ts-expect-error 17: parse is not asynchronous
lead().llm("x", { ...ask, parse: async (reply) => ({ text: reply }) });

// @ts-expect-error 18: a node reads a field that is not there
lead().node("x", (s) => ({ count: s.nope }));
// @ts-expect-error 19: a field of the wrong type
lead().node("x", () => ({ count: "1" }));
// @ts-expect-error 20: an unknown key beside a known one
lead().node("x", () => ({ count: 1, nope: 1 }));
// @ts-expect-error 21: the same in asynchronous code
lead().node("x", async () => ({ count: 1, nope: 1 }));
// @ts-expect-error 22: the same in one of two returns
lead().node("x", (s) => (s.done ? { count: 1 } : { count: 1, nope: 1 }));
// @ts-expect-error 23: a word that is none of the three
lead().node("x", () => ({ route: "c" }));
lead().node("x", (s) => {
  // @ts-expect-error 24: the state cannot be assigned to
  s.count = 1;
});
const begun = lead().node("x", () => {});
// @ts-expect-error 25: the same name twice
begun.node("x", () => {});
// @ts-expect-error 26: a name of the main line inside an arm
begun.branch("y", () => "a", { a: (b) => b.node("x", () => {}) });
// @ts-expect-error 27: the branch's own name inside its arm
lead().branch("y", () => "a", { a: (b) => b.node("y", () => {}) });

// @ts-expect-error 28: a route without an entry
lead().branch("x", (s) => (s.done ? "a" : "b"), { a: null });
// @ts-expect-error 29: an entry without a route
lead().branch("x", (s) => (s.done ? "a" : "b"), { a: null, b: null, c: null });
// @ts-expect-error 30: a route that is only chosen together with set, without an entry
lead().branch("x", (s) => (s.done ? "a" : { route: "b", set: { count: 1 } }), { a: null });
// @ts-expect-error 31: set gives a wrong type
lead().branch("x", () => ({ route: "a", set: { count: "1" } }), { a: null });
// @ts-expect-error 32: set gives an unknown key beside a known one
lead().branch("x", () => ({ route: "a", set: { count: 1, nope: 1 } }), { a: null });
// @ts-expect-error 33: a route is a text
lead().branch("x", (s) => s.count, { a: null });
// @ts-expect-error 34: an arm gives back its steps
lead().branch("x", () => "a", { a: () => undefined });
// @ts-expect-error 35: an arm's steps know the state
lead().branch("x", () => "a", { a: (b) => b.node("y", () => ({ nope: 1 })) });

// --- operators -------------------------------------------------------------------------------------------------------------------------------
const Company = z.object({ company: z.string().default(""), size: z.number().default(0) });
const research = workflow("research", { state: Company }).node("n", () => {});
const steps = lead().node("n", () => {});

const op = operator("intel", {
  name: "Intel",
  workflows: [research, steps],
  answers: {
    research: {
      workflow: "research",
      input: (body) => ({ company: String(body) }),
      reply: (run) => {
        expectType<typeof run.output.company, string | undefined>();
        return { company: run.output.company, run_id: run.runId };
      },
    },
    lead: { workflow: "lead", input: () => ({ count: 1, note: undefined }), reply: (run) => run.output.tags },
  },
});

const one = { name: "X", workflows: [research] } as const;
const two = { name: "X", workflows: [research, steps] } as const;
// @ts-expect-error 36: answers name a workflow of this operator
operator("x", { ...one, answers: { q: { workflow: "lead", input: () => ({}), reply: () => null } } });
// @ts-expect-error 37: the answer's input is that workflow's
operator("x", { ...one, answers: { q: { workflow: "research", input: () => ({ company: 1 }), reply: () => null } } });
// @ts-expect-error 38: the answer's run holds that workflow's result
operator("x", { ...two, answers: { q: { workflow: "research", input: () => ({}), reply: (run) => run.output.count } } });
// @ts-expect-error 39: a reply is JSON
operator("x", { ...one, answers: { q: { workflow: "research", input: () => ({}), reply: () => new Map() } } });
// @ts-expect-error 40: a workflow is what workflow(…) gives
operator("x", { name: "X", workflows: [{ id: "research" }] });
// @ts-expect-error 41: an operator has a name
operator("x", { workflows: [research] });

// --- ids, inputs and results -----------------------------------------------------------------------------------------------------------------
expectType<WorkflowIds<typeof op>, "research" | "lead">();
expectType<WorkflowInput<typeof op, "research">, { readonly company?: string | undefined; readonly size?: number | undefined }>();
expectType<WorkflowOutput<typeof op, "research">, { readonly company?: string; readonly size?: number }>();
expectType<WorkflowOutput<typeof op, "lead">["note"], string | undefined>();
expectType<WorkflowIds<typeof revenueOps>, "lead_qualification" | "nurture_sequence">();
expectType<WorkflowIds<OperatorDefinition>, string>();
expectType<WorkflowInput<OperatorDefinition, "any">, JsonObject>();
expectType<WorkflowOutput<OperatorDefinition, "any">, JsonObject>();

declare const runtime: {
  activate<Op extends OperatorDefinition, Id extends WorkflowIds<Op>>(
    op: Op,
    id: Id,
    input: WorkflowInput<Op, Id>,
  ): Promise<WorkflowOutput<Op, Id>>;
};
const result = runtime.activate(revenueOps, "lead_qualification", { contactId: "c1" });
expectType<Awaited<typeof result>["route"], "pending" | "sales" | "nurture" | "educate" | undefined>();
// @ts-expect-error 42: no such workflow
use(runtime.activate(revenueOps, "lead", {}));
// @ts-expect-error 43: a field of another workflow's state
use(runtime.activate(op, "research", { count: 1 }));
// @ts-expect-error 44: an input field of the wrong type
use(runtime.activate(revenueOps, "lead_qualification", { contactId: 1 }));
// @ts-expect-error 45: the helper itself tells types apart
expectType<WorkflowIds<typeof op>, "research">();
