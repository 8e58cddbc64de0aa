import { Annotation, interrupt, MemorySaver, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { operator } from "./operator.ts";
import type { Steps } from "./steps.ts";
import { workflow } from "./workflow.ts";

const Topic = Annotation.Root({ topic: Annotation<string>, answer: Annotation<string> });
const draw = () =>
  new StateGraph(Topic)
    .addNode("plan", () => ({}))
    .addNode("write", () => ({ answer: String(interrupt("Good?")) }))
    .addEdge("__start__", "plan")
    .addEdge("plan", "write");
const graph = draw().compile();

const State = z.object({ topic: z.string().default(""), answer: z.string().default("") });
type Chain = Steps<z.output<typeof State>, never>;
/** Plain JavaScript has no types to stop it. */
const load = (...given: unknown[]) => {
  const chain = workflow("w", { state: State }) as unknown as { graph(...given: unknown[]): Chain };
  return operator("desk", { name: "Desk", workflows: [chain.graph("dig", ...given) as never] });
};

describe("a graph as a step", () => {
  test("is data in the manifest, its nodes by name", () => {
    const { manifest } = load(graph, { answer: z.object({ verdict: z.enum(["good", "bad"]) }), recursionLimit: 50, timeout: "5m" });

    expect(manifest.workflows[0]?.steps).toEqual([
      {
        kind: "graph",
        id: "dig",
        nodes: ["plan", "write"],
        recursion_limit: 50,
        timeout_ms: 300_000,
        answer_schema: expect.objectContaining({ type: "object", required: ["verdict"] }),
      },
    ]);
  });

  test("says of an answer that is no object that it comes as value", () => {
    const { manifest } = load(graph, { answer: z.boolean() });

    expect(manifest.workflows[0]?.steps[0]).toMatchObject({
      answer_schema: { type: "object", properties: { value: { type: "boolean" } }, required: ["value"] },
    });
  });

  test("says how long an answer is waited for, and what is one then", () => {
    const { manifest } = load(graph, { answerTimeout: "2d", answerDefault: { verdict: "none" } });

    expect(manifest.workflows[0]?.steps[0]).toMatchObject({ wait_ms: 172_800_000, default_answer: { verdict: "none" } });
  });

  test("may have a checkpointer of its own", () => {
    expect(() => load(draw().compile({ checkpointer: new MemorySaver() }))).not.toThrow();
  });

  test.each<[name: string, given: readonly unknown[], said: string]>([
    ["nothing", [], "needs a compiled LangGraph graph"],
    ["a function", [() => {}], "needs a compiled LangGraph graph"],
    ["what is not compiled", [draw()], "is not compiled yet"],
    ["one that keeps no checkpoints", [draw().compile({ checkpointer: false })], "compiled with checkpointer: false"],
    ["one with breakpoints before nodes", [draw().compile({ interruptBefore: ["plan"] })], "compiled with interruptBefore"],
    ["one with breakpoints behind all nodes", [draw().compile({ interruptAfter: "*" })], "compiled with interruptAfter"],
    ["an unknown option", [graph, { outputs: "answer" }], 'there is no option "outputs": did you mean "output"?'],
    ["options that are none", [graph, null], "options are missing"],
    ["an input that is no function", [graph, { input: { topic: "bees" } }], "input must be a function"],
    ["an unknown field", [graph, { output: "anwser" }], 'did you mean "answer"?'],
    ["an output of another type", [graph, { output: 7 }], "output must be a field of the state, or a function"],
    ["an answer that is no schema", [graph, { answer: { type: "string" } }], "answer must be a zod schema"],
    ["an answer without a form in JSON", [graph, { answer: z.date() }], "answer holds a schema that has no form in JSON"],
    ["a default without a time", [graph, { answerDefault: "yes" }], "answerDefault needs an answerTimeout"],
    ["a default that is no JSON", [graph, { answerTimeout: "1d", answerDefault: { at: new Date() } }], "answerDefault at /at: a Date"],
    [
      "a default that is no answer",
      [graph, { answerTimeout: "1d", answerDefault: "maybe", answer: z.enum(["yes", "no"]) }],
      "answerDefault is none of the answers",
    ],
    ["a limit of nothing", [graph, { recursionLimit: 0 }], "recursionLimit must be a whole number from 1"],
    ["a time that is none", [graph, { timeout: "soon" }], "timeout"],
  ])("is refused with the place: %s", (_, given, said) => {
    expect(() => load(...given)).toThrow(
      expect.objectContaining({
        code: "OV_DEFINITION_INVALID",
        message: expect.stringMatching(/^operator desk, workflow w, step dig/),
      }),
    );
    expect(() => load(...given)).toThrow(said);
  });
});
