import type { StepManifest, StepRecord } from "@openvibe/core";
import { planWorkflow } from "@openvibe/graph";
import { expect, test } from "vitest";
import { Replay } from "./replay.ts";

const node = (id: string): StepManifest => ({ kind: "node", id });
const loop = (id: string, ...body: StepManifest[]): StepManifest => ({ kind: "loop", id, body, max_iterations: 9 });
const planOf = (...steps: StepManifest[]) => planWorkflow("op", { id: "w", triggers: [], input_schema: {}, state_fields: [], steps });

const record = (node_id: string, next: string | null, patch = {}, kind: StepRecord["kind"] = "node"): StepRecord => ({
  node_id,
  kind,
  attempt: 1,
  tries: 1,
  started_at: "2026-11-22T10:30:00.000Z",
  duration_ms: 1,
  patch,
  next,
});
const loops = (node_id: string, next: string | null) => record(node_id, next, {}, "loop");

function replayed(plan: ReturnType<typeof planOf>, ...records: StepRecord[]) {
  const replay = new Replay(plan, plan.entry, { state: { given: 1 }, passes: new Map() });
  for (const each of records) replay.add(each);
  return (step: string) => {
    const found = replay.find(step);
    return found === undefined ? undefined : [found.state, [...found.passes]];
  };
}

test("the state before a step is the input and every patch before it, also where the step never ended", () => {
  const at = replayed(planOf(node("a"), node("b"), node("c"), node("d")), record("a", "b", { x: 1 }), record("b", "c", { x: 2, y: 3 }));

  expect([at("a"), at("b"), at("c"), at("d")]).toEqual([
    [{ given: 1 }, []],
    [{ given: 1, x: 1 }, []],
    [{ given: 1, x: 2, y: 3 }, []],
    undefined,
  ]);
});

test("in loops it is the last time that counts, with the passes that had begun", () => {
  const plan = planOf(loop("outer", loop("inner", node("n")), node("m")), node("z"));
  const at = replayed(
    plan,
    loops("outer", "inner"),
    loops("inner", "n"),
    record("n", "inner", { n: 1 }),
    loops("inner", "n"),
    record("n", "inner", { n: 2 }),
    loops("inner", "m"),
    record("m", "outer", { m: 1 }),
    loops("outer", "inner"),
    loops("inner", "n"),
    record("n", "inner", { n: 3 }),
  );

  expect(at("n")).toEqual([
    { given: 1, n: 2, m: 1 },
    [
      ["outer", 2],
      ["inner", 1],
    ],
  ]);
  expect(at("inner")).toEqual([
    { given: 1, n: 3, m: 1 },
    [
      ["outer", 2],
      ["inner", 1],
    ],
  ]);
  expect(at("m")).toEqual([{ given: 1, n: 2 }, [["outer", 1]]]);
  expect(at("outer")).toEqual([{ given: 1, n: 2, m: 1 }, [["outer", 1]]]);
  expect(at("z")).toBeUndefined();
});

test("a goto out of a loop leaves its passes behind", () => {
  const plan = planOf(loop("l", node("n")), node("z"));
  const at = replayed(plan, loops("l", "n"), record("n", "z", { n: 1 }));

  expect(at("z")).toEqual([{ given: 1, n: 1 }, []]);
});

test("a run that began at a step is replayed from there", () => {
  const plan = planOf(node("a"), loop("l", node("n")));
  const replay = new Replay(plan, "n", { state: { kept: true }, passes: new Map([["l", 3]]) });

  expect(replay.steps).toEqual(["n"]);
  expect(replay.find("n")).toEqual({ state: { kept: true }, passes: new Map([["l", 3]]) });
});
