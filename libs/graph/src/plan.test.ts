import { isOpenVibeError, type RouteManifest, type StepManifest, type WorkflowManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { buildGraph } from "./build-graph.ts";
import { planWorkflow } from "./plan.ts";
import { drawPlan } from "./step-graph.ts";
import type { GraphForm } from "./workflow-graph.ts";

const node = (id: string, pure = false): StepManifest => ({ kind: "node", id, ...(pure ? { pure } : {}) });
const branch = (id: string, routes: Record<string, RouteManifest>): StepManifest => ({ kind: "branch", id, routes });
const workflow = (...steps: StepManifest[]): WorkflowManifest => ({
  id: "w",
  triggers: [{ id: "w", on: "on_demand" }],
  input_schema: {},
  state_fields: [],
  steps,
});

const nested = workflow(
  node("a"),
  branch("b", { left: [node("l1"), node("l2")], right: [branch("c", { up: [node("u")], on: [] })], straight: [] }),
  node("d"),
  node("e"),
);

describe("a plan", () => {
  test("follows the order of declaration and rejoins after a branch", () => {
    const { entry, steps } = planWorkflow("op", nested);

    expect(entry).toBe("a");
    expect([...steps.values()].map((step) => [step.id, step.kind === "linear" ? step.next : step.routes])).toEqual([
      ["a", "b"],
      ["b", { left: "l1", right: "c", straight: "d" }],
      ["l1", "l2"],
      ["l2", "d"],
      ["c", { up: "u", on: "d" }],
      ["u", "d"],
      ["d", "e"],
      ["e", null],
    ]);
  });

  test("has segments that end at a branch and before a join, and every step in exactly one", () => {
    const { segments, segmentOf, steps } = planWorkflow("op", nested);

    expect([...segments.values()].map((segment) => segment.steps)).toEqual([["a", "b"], ["l1", "l2"], ["c"], ["d", "e"], ["u"]]);
    expect([...segmentOf.keys()].toSorted()).toEqual([...steps.keys()].toSorted());
  });

  test("a branch at the end ends the run by every route", () => {
    const { steps } = planWorkflow("op", workflow(node("a"), branch("b", { x: [node("last")], y: [] })));

    expect(steps.get("b")).toMatchObject({ routes: { x: "last", y: null } });
    expect(steps.get("last")).toMatchObject({ next: null });
  });

  test("a route leads to a step by its name, forwards and back, or to the end; what then only a goto reaches is planned too", () => {
    const leading: StepManifest = { kind: "branch", id: "b", routes: { back: { goto: "a" }, on: { goto: "z" }, over: { end: true } } };
    const { steps, segments, segmentOf } = planWorkflow("op", workflow(node("a"), leading, node("lonely"), node("z")));

    expect(steps.get("b")).toMatchObject({ routes: { back: "a", on: "z", over: null } });
    expect([...segments.values()].map((segment) => segment.steps)).toEqual([["a", "b"], ["z"], ["lonely"]]);
    expect(segmentOf.get("lonely")).toBe("lonely");
  });

  const looping = (target: string): StepManifest => ({
    kind: "loop",
    id: "l",
    max_iterations: 3,
    body: [node("in"), { kind: "branch", id: "b", routes: { x: { goto: target } } }],
  });

  test.each(["in", "l", "out"])("out of a loop's body a route leads to %s", (target) => {
    expect(planWorkflow("op", workflow(looping(target), node("out"))).steps.get("b")).toMatchObject({ routes: { x: target } });
  });

  test.each([
    ["a route to nowhere", workflow(branch("b", { x: { goto: "nope" } })), "route x of step b leads to nope, which is no step"],
    ["a route into a loop", workflow(branch("c", { x: { goto: "in" } }), looping("l")), "leads to in, which stands in a loop"],
    ["no steps", workflow(), "has no steps"],
    ["the same name in two arms", workflow(branch("b", { x: [node("a")], y: [node("a")] })), "two steps are named a"],
  ])("refuses a workflow with %s", (_, manifest, text) => {
    expect(() => planWorkflow("op", manifest)).toThrowError(
      expect.toSatisfy((error) => isOpenVibeError(error, "OV_DEFINITION_INVALID") && error.message.includes(text)),
    );
  });
});

describe.each<GraphForm>(["nodes", "segments"])("a graph in the form %s", (form) => {
  const walk = async (manifest: WorkflowManifest, routes: Record<string, string | (() => string)>, position: string) => {
    const plan = planWorkflow("op", manifest);
    const seen: string[] = [];
    const runner = {
      step: async (step: Parameters<Parameters<ReturnType<typeof buildGraph>["run"]>[0]["step"]>[0], state: object, mayDefer: boolean) => {
        seen.push(mayDefer ? `${step.id}+` : step.id);
        const route = routes[step.id];
        const chosen = typeof route === "function" ? route() : (route ?? "");
        const next = step.kind === "linear" ? step.next : (step.routes[chosen] ?? null);
        return { state: { ...state, [step.id]: true }, position: next };
      },
    };
    await buildGraph(plan, form).run(runner, { state: {}, position });
    return seen;
  };

  test.each([
    [{ b: "left" }, "a", ["a", "b", "l1", "l2", "d", "e"]],
    [{ b: "right", c: "up" }, "a", ["a", "b", "c", "u", "d", "e"]],
    [{ b: "right", c: "on" }, "a", ["a", "b", "c", "d", "e"]],
    [{ b: "straight" }, "a", ["a", "b", "d", "e"]],
    [{}, "l2", ["l2", "d", "e"]],
    [{}, "e", ["e"]],
  ])("by routes %j goes from %s through %j", async (routes, position, expected) => {
    expect(await walk(nested, routes, position)).toEqual(expected);
  });

  test("follows a route to a step's name and to the end, and begins where only a goto leads", async () => {
    const leading = workflow(
      node("a"),
      branch("b", { back: { goto: "a" }, over: { end: true }, on: [] }),
      branch("c", { over: { end: true } }),
      node("lonely"),
    );

    expect(await walk(leading, { b: "over" }, "a")).toEqual(["a", "b"]);
    expect(await walk(leading, { b: "on", c: "over" }, "a")).toEqual(["a", "b", "c"]);
    expect(await walk(leading, {}, "lonely")).toEqual(["lonely"]);
    let visits = 0;
    const turning = { b: () => (visits++ === 0 ? "back" : "over") };
    expect(await walk(leading, turning, "a")).toEqual(["a", "b", "a", "b"]);
  });

  test("goes through more steps than LangGraph's default limit", async () => {
    const steps = Array.from({ length: 60 }, (_, index) => node(`n${index}`));

    expect(await walk(workflow(...steps), {}, "n0")).toHaveLength(60);
  });

  test("a step's error leaves the graph as the same object", async () => {
    const error = new Error("mine");
    const graph = buildGraph(planWorkflow("op", workflow(node("a"))), form);

    await expect(graph.run({ step: () => Promise.reject(error) }, { state: {}, position: "a" })).rejects.toBe(error);
  });
});

test("a plan has a picture with every step in it", async () => {
  const picture = await drawPlan(planWorkflow("op", nested));

  for (const id of ["a", "b", "l1", "l2", "c", "u", "d", "e"]) expect(picture).toContain(`step/${id}`);
});

test("only segments let a pure step leave its commit to a pure neighbour", async () => {
  const plan = planWorkflow("op", workflow(node("a", true), node("b", true), node("c")));
  const deferred = async (form: GraphForm) => {
    const flags: boolean[] = [];
    const runner = {
      step: async (step: { kind: string; next?: string | null }, state: object, mayDefer: boolean) => {
        flags.push(mayDefer);
        return { state: { ...state }, position: step.next ?? null };
      },
    };
    await buildGraph(plan, form).run(runner as never, { state: {}, position: "a" });
    return flags;
  };

  expect(await deferred("segments")).toEqual([true, false, false]);
  expect(await deferred("nodes")).toEqual([false, false, false]);
});
