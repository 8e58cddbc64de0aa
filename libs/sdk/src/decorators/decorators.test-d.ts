/** What compiles and what does not of decorators. Checked by `tsc`: an error that is missing makes its `@ts-expect-error` unused, which is an error itself. */
import type { NodeContext, OperatorDefinition } from "@openvibe/core";
import { z } from "zod";
import {
  end,
  operator as operatorOf,
  sleep,
  type WorkflowIds,
  type WorkflowInput,
  type WorkflowOutput,
  workflow as workflowOf,
} from "../index.ts";
import { conditional, durable, humanInTheLoop, llmNode, node, operator, workflow } from "./index.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<A, B>(..._: Same<A, B> extends true ? [] : [{ readonly expected: B; readonly got: A }]): void {}

class Lead {
  text = "";
  count = 0;
  done = false;
  route: "a" | "b" = "a";
  tags: ("x" | "y")[] = [];
  note?: string;
  help(): string {
    return this.text;
  }
}

// --- what compiles ---------------------------------------------------------------------------------------------------------------------------
class Compiles {
  @node
  bare() {}
  @node
  state(state: Lead) {
    return { count: state.count + 1 };
  }
  @node
  async context(state: Lead, ctx: NodeContext) {
    return ctx.attempt > 1 ? { text: state.text, note: undefined } : { done: true };
  }
  @node
  words(_: Lead) {
    return { route: "b", tags: ["x"] }; // texts to the compiler; which are allowed is checked when the node ran
  }
  @node
  pause(_: Lead) {
    return { waitDuration: "3d", count: 1 };
  }
  @node
  control(state: Lead) {
    return state.done ? end({ text: "over" }) : sleep("1h", { count: 1 });
  }
  @node
  stateless() {
    return { anything: 1 };
  }
  @node({ retries: 3, pure: true, timeout: "1m", id: "named" })
  options(state: Readonly<Lead>) {
    return { text: state.text };
  }
  @llmNode({ model: "haiku" })
  returned(state: Lead) {
    return { system: "?", user: state.text, outputKey: "text" };
  }
  @llmNode({ model: "haiku", outputKeys: { count: Number, tags: Array } })
  async keys(state: Lead) {
    return { user: state.text };
  }
  @llmNode({ model: "my-own-model", outputKey: "text", maxTokens: 10, temperature: 0, retries: 1, timeout: "1m", outputFormat: "json" })
  key() {
    return { user: "?" };
  }
  @conditional<Lead>({ routes: { yes: (s) => s.done, no: { when: (s) => !s.done, steps: ["words"] } }, timeout: "1s" })
  decide(state: Lead) {
    return { count: state.count };
  }
  @conditional({
    routes: { yes: (s: Lead) => s.done, again: { when: (s) => s.count < 3, goto: "bare" }, over: { when: () => true, end: true } },
  })
  annotated() {}
  @node({ when: (s: Lead) => s.done })
  skipped() {}
  @humanInTheLoop({ prompt: "?", answer: ["done", "note"], timeout: "1d", onTimeout: [], reminder: "1h", approvers: { of: ["ann"] } })
  ask(state: Lead) {
    return state.done ? "Well?" : undefined;
  }
}

@operator({
  id: "ops",
  name: "Ops",
  workflows: [Compiles, workflowOf("w", { state: z.object({ a: z.string().default("") }) }).node("n", () => {})],
})
class Ops extends Lead {
  static state = z.object({ score: z.int().default(0) });

  @workflow({ id: "inner", trigger: "event:lead.qualified" })
  @durable({ maxDays: 14 })
  static Inner = class {
    @node
    n(state: Ops) {
      return { count: state.count };
    }
  };

  static Chase = workflowOf("chase", { state: z.object({ mails: z.number().default(0) }) })
    .loop("remind", { while: (s) => s.mails < 3, maxIterations: 3 }, (body) => body.node("mail", (s) => ({ mails: s.mails + 1 })))
    .run("ask", { workflow: "inner", input: (s) => ({ count: s.mails }), map: () => ({}) });

  static Again = workflowOf("again", { state: Ops.state }).wait("pause", "3d");
}

// A class stands where a definition does, with its fields as the input and the output of each of its workflows.
expectType<WorkflowIds<typeof Ops>, string>();
type Input = WorkflowInput<typeof Ops, "inner">;
expectType<Input["count"], number | undefined>();
expectType<Input["score"], number | undefined>();
expectType<WorkflowOutput<typeof Ops, "inner">["note"], string | undefined>();
expectType<"help" extends keyof Input ? true : false, false>();
// A workflow that the class holds as a value has its own.
expectType<WorkflowInput<typeof Ops, "chase">, { readonly mails?: number | undefined }>();
expectType<WorkflowOutput<typeof Ops, "chase">, { readonly mails?: number }>();
expectType<WorkflowInput<typeof Ops, "again">["score"], number | undefined>();
expectType<WorkflowInput<typeof Ops, string>["count"], number | undefined>();
expectType<WorkflowIds<OperatorDefinition>, string>();
const values = operatorOf("v", {
  name: "V",
  workflows: [workflowOf("w", { state: z.object({ a: z.string().default("") }) }).node("n", () => {})],
});
expectType<WorkflowIds<typeof values>, "w">();

// --- what does not ---------------------------------------------------------------------------------------------------------------------------
class Refused {
  // @ts-expect-error 1: a field that is not there
  @node
  unknownField(_: Lead) {
    return { nope: 1 };
  }
  // @ts-expect-error 2: beside one that is
  @node
  besideKnown(_: Lead) {
    return { count: 1, nope: 1 };
  }
  // @ts-expect-error 3: in one of two ways out
  @node
  async sometimes(state: Lead) {
    return state.done ? { count: 1 } : { nope: 1 };
  }
  // @ts-expect-error 4: a wrong type
  @node
  wrongType(_: Lead) {
    return { count: "1" };
  }
  // @ts-expect-error 5: a method is no field
  @node
  method(_: Lead) {
    return { help: "" };
  }
  // @ts-expect-error 6: in what a pause keeps
  @node
  control(_: Lead) {
    return sleep("1h", { nope: 1 });
  }
  // @ts-expect-error 7: an option that is none
  @node({ retry: 1 })
  option() {}
  // @ts-expect-error 8: a text is no patch
  @node
  text(_: Lead) {
    return "done";
  }
  // @ts-expect-error 9: an outputKey in the options that is no field
  @llmNode({ model: "haiku", outputKey: "txet" })
  outputKey(_: Lead) {
    return { user: "?" };
  }
  // @ts-expect-error 10: among several
  @llmNode({ model: "haiku", outputKeys: ["count", "nope"] })
  outputKeys(_: Lead) {
    return { user: "?" };
  }
  // @ts-expect-error 11: no model
  @llmNode({ outputKey: "text" })
  noModel() {
    return { user: "?" };
  }
  // @ts-expect-error 12: no user
  @llmNode({ model: "haiku" })
  noUser() {
    return { system: "?", outputKey: "text" };
  }
  // @ts-expect-error 13: the original's spelling of an option
  @llmNode({ model: "haiku", max_tokens: 1 })
  snake() {
    return { user: "?", outputKey: "text" };
  }
  // @ts-expect-error 14: a format that is none
  @llmNode({ model: "haiku", outputFormat: "xml" })
  format() {
    return { user: "?", outputKey: "text" };
  }
  // @ts-expect-error 15: a predicate over a field that is not there
  @conditional<Lead>({ routes: { yes: (s) => s.nope } })
  predicate() {}
  // @ts-expect-error 16: a predicate is true or false
  @conditional<Lead>({ routes: { yes: (s) => s.count } })
  truthy() {}
  // @ts-expect-error 17: no routes
  @conditional({})
  noRoutes() {}
  // @ts-expect-error 18: an unknown field before the routes
  @conditional({ routes: { yes: () => true } })
  patch(_: Lead) {
    return { nope: 1 };
  }
  // @ts-expect-error 19: an answer into a field that is not there
  @humanInTheLoop({ prompt: "?", answer: ["nope"] })
  answer(_: Lead) {}
  // @ts-expect-error 20: no answer
  @humanInTheLoop({ prompt: "?" })
  noAnswer() {}
  // @ts-expect-error 21: a time without its unit
  @humanInTheLoop({ prompt: "?", answer: ["done"], timeout: "24" })
  timeout() {}
  // @ts-expect-error 22: a prompt is a text
  @humanInTheLoop({ answer: ["done"] })
  prompt() {
    return 7;
  }
  // @ts-expect-error 23: a getter is no step
  @node
  get getter() {
    return {};
  }
  // @ts-expect-error 24: nor is a field
  @node
  field = 1;
}

// @ts-expect-error 25: an operator has a name
@operator({ id: "ops" })
class NoName {}
// @ts-expect-error 26: a class that is made without arguments
@operator({ id: "ops", name: "Ops" })
class Arguments {
  constructor(readonly_: string) {
    void readonly_;
  }
}
// @ts-expect-error 27: no such kind of trigger
@workflow({ id: "w", trigger: "timer:1h" })
class Trigger {}
// @ts-expect-error 28: a number of days
@durable({ maxDays: "14" })
class Days {}
class Leads {
  // @ts-expect-error 30: a route leads to one place
  @conditional<Lead>({ routes: { yes: { when: (s) => s.done, goto: "n", end: true } } })
  decide() {}
  // @ts-expect-error 31: a condition is true or false
  @node({ when: (s: Lead) => s.count })
  skipped() {}
}
class Statics {
  // @ts-expect-error 29: a workflow stands on a class
  @workflow({ id: "w" })
  static text = "";
  count = 0;
}
@operator({
  id: "hooked",
  name: "Hooked",
  on: { "run.completed": ({ data }) => data.metrics.nodes_executed, "lead.won": ({ data }) => data },
})
class Hooked {}
// @ts-expect-error a misspelt type of a run
@operator({ id: "misspelt", name: "Misspelt", on: { "run.complete": () => {} } })
class Misspelt {}
void [Hooked, Misspelt, Refused, NoName, Arguments, Trigger, Days, Leads, Statics, Ops];
