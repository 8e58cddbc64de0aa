import type { RouteManifest, StepManifest, WorkflowManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { compatible } from "./compatible.ts";
import { planWorkflow } from "./plan.ts";

const node = (id: string): StepManifest => ({ kind: "node", id });
const wait = (id: string): StepManifest => ({ kind: "wait", id, duration_ms: 1 });
const branch = (id: string, routes: Record<string, RouteManifest>): StepManifest => ({ kind: "branch", id, routes });
const loop = (id: string, ...body: StepManifest[]): StepManifest => ({ kind: "loop", id, body, max_iterations: 3 });
const human = (id: string, answer: string[], timed_out?: StepManifest[]): StepManifest => ({
  kind: "human",
  id,
  answer,
  answer_schema: {},
  ...(timed_out === undefined ? {} : { timed_out }),
});
const planOf = (...steps: StepManifest[]) => {
  const workflow: WorkflowManifest = { id: "w", triggers: [], input_schema: {}, state_fields: [], steps };
  return planWorkflow("op", workflow);
};
const [a, b, c, d] = [node("a"), node("b"), node("c"), node("d")];

describe("a run goes on by another plan", () => {
  test.each<[string, StepManifest[], StepManifest[], string | null]>([
    ["that is the same", [a, b, c], [a, b, c], "b"],
    ["that has more behind it", [a, b], [a, b, c, d], "b"],
    ["that has less behind it", [a, b, c], [a, b], "b"],
    ["that is another behind it", [a, b, c, d], [a, b, branch("d", { x: [c] })], "b"],
    ["whatever it is, before its first step", [a, b], [a, c, d], "a"],
    ["whatever it is, behind its last step", [a], [d], null],
    [
      "with other options",
      [a, { ...wait("w"), duration_ms: 5 } as StepManifest],
      [{ ...a, timeout_ms: 5 } as StepManifest, wait("w")],
      "w",
    ],
    ["with another arm beside its own", [branch("x", { l: [a, b], r: [c] })], [branch("x", { l: [a, b], r: [d] })], "b"],
    ["with a route more beside its own", [branch("x", { l: [a, b] })], [branch("x", { l: [a, b], r: [] })], "b"],
    ["with a straight route more before it", [branch("x", { l: [a] }), b], [branch("x", { l: [a], r: [] }), b], "b"],
    ["with the same loop around it", [loop("l", a, b), c], [loop("l", a, b), d], "b"],
    ["that asks the same", [a, human("h", ["ok"]), b], [a, human("h", ["ok"]), c], "h"],
  ])("%s", (_, before, after, position) => {
    expect(compatible(planOf(...before), planOf(...after), position)).toEqual({ fits: true });
  });
});

describe("a run does not go on by another plan", () => {
  test.each<[string, StepManifest[], StepManifest[], string, string]>([
    ["without its step", [a, b], [a, c], "b", "there is no step b"],
    ["where its step is another kind", [a, b], [a, wait("b")], "b", "step b is wait, and was node"],
    ["with a step more before it", [a, c], [a, b, c], "c", "step b comes before c, and did not"],
    ["with a step less before it", [a, b, c], [a, c], "c", "step b came before c, and is gone"],
    ["where a step before it stands behind it", [a, b, c], [a, c, b], "c", "step b came before c, and does no more"],
    ["in another order before it", [a, b, c], [b, a, c], "c", "step a goes to c, and went to b"],
    ["where a step before it is another kind", [a, b], [wait("a"), b], "b", "step a is wait, and was node"],
    ["inside a loop now", [a, b], [a, loop("l", b)], "b", "step b stands in loop l, and stood in no loop"],
    ["in another loop", [loop("l", a)], [loop("m", a)], "a", "step a stands in loop m, and stood in loop l"],
    ["with a step more behind it in its loop", [loop("l", a)], [loop("l", a, b)], "a", "step b comes before a, and did not"],
    [
      "in another arm",
      [branch("x", { l: [a], r: [] })],
      [branch("x", { l: [], r: [a] })],
      "a",
      "route l of step x goes to the end, and went to a",
    ],
    [
      "whose route leads elsewhere",
      [branch("x", { l: { goto: "b" } }), a, b],
      [branch("x", { l: [] }), a, b],
      "b",
      "route l of step x goes to a, and went to b",
    ],
    ["whose route is gone", [branch("x", { l: [], r: [] }), a], [branch("x", { r: [] }), a], "a", "route l of step x is gone"],
    ["that asks for something else", [human("h", ["ok"])], [human("h", ["no"])], "h", "step h takes another answer than it asked for"],
    [
      "that has other steps at a timeout",
      [human("h", ["ok"])],
      [human("h", ["ok"], [a])],
      "h",
      "step h takes another answer than it asked for",
    ],
  ])("%s", (_, before, after, position, reason) => {
    expect(compatible(planOf(...before), planOf(...after), position)).toEqual({ fits: false, reason });
  });

  test("when its own version has not the step", () => {
    expect(compatible(planOf(a), planOf(a, b), "b")).toEqual({ fits: false, reason: "the version it goes by has no step b" });
  });
});
