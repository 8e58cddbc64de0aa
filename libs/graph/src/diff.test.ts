import type { OperatorManifest, StepManifest, WorkflowManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { diffManifests } from "./diff.ts";

const node = (id: string, given: object = {}): StepManifest => ({ kind: "node", id, ...given });
const workflow = (steps: StepManifest[], given: Partial<WorkflowManifest> = {}): WorkflowManifest => ({
  id: "w",
  triggers: [{ id: "w", on: "on_demand" }],
  input_schema: { type: "object", properties: { name: { type: "string" } } },
  state_fields: ["name"],
  steps,
  ...given,
});
const operator = (workflows: WorkflowManifest[], given: Partial<OperatorManifest> = {}): OperatorManifest => ({
  id: "op",
  name: "Op",
  workflows,
  answers: {},
  ...given,
});
const stepsOf = (before: StepManifest[], after: StepManifest[]) =>
  diffManifests(operator([workflow(before)]), operator([workflow(after)])).workflows[0]?.steps;

const [a, b, c, d] = [node("a"), node("b"), node("c"), node("d")];

describe("two manifests", () => {
  test("that say the same are the same, whatever the order of their keys", () => {
    const { id, name, ...rest } = operator([workflow([a, b])]);

    expect(diffManifests(operator([workflow([a, b])]), { ...rest, name, id })).toEqual({
      operator_id: "op",
      same: true,
      changed: [],
      workflows: [],
    });
  });

  test.each<[string, StepManifest[], StepManifest[], object[]]>([
    ["added", [a], [a, b], [{ id: "b", change: "added" }]],
    ["removed", [a, b], [a], [{ id: "b", change: "removed" }]],
    ["changed", [a], [node("a", { timeout_ms: 5 })], [{ id: "a", change: "changed", changed: ["timeout_ms"] }]],
    [
      "of another kind",
      [a],
      [{ kind: "wait", id: "a", duration_ms: 1 }],
      [{ id: "a", change: "changed", changed: ["kind", "duration_ms"] }],
    ],
    ["moved to the front", [a, b, c, d], [d, a, b, c], [{ id: "d", change: "moved" }]],
    ["moved to the back", [a, b, c, d], [b, c, d, a], [{ id: "a", change: "moved" }]],
    [
      "moved into an arm, and changed",
      [a, b, { kind: "branch", id: "x", routes: { l: [c] } }],
      [a, { kind: "branch", id: "x", routes: { l: [c, node("b", { pure: true })] } }],
      [{ id: "b", change: "moved", place: "l of x", changed: ["pure"] }],
    ],
    [
      "whose route leads elsewhere",
      [a, { kind: "branch", id: "x", routes: { l: { goto: "a" }, r: [] } }],
      [a, { kind: "branch", id: "x", routes: { l: { end: true }, r: [] } }],
      [{ id: "x", change: "changed", changed: ["routes"] }],
    ],
    [
      "added and removed in an arm",
      [{ kind: "branch", id: "x", routes: { l: [a], r: [] } }],
      [{ kind: "branch", id: "x", routes: { l: [b], m: [] } }],
      [
        { id: "x", change: "changed", changed: ["routes"] },
        { id: "a", change: "removed", place: "l of x" },
        { id: "b", change: "added", place: "l of x" },
      ],
    ],
    [
      "changed in a loop's body, and of the loop its limit alone",
      [{ kind: "loop", id: "x", body: [a], max_iterations: 1 }],
      [{ kind: "loop", id: "x", body: [a, b], max_iterations: 2 }],
      [
        { id: "x", change: "changed", changed: ["max_iterations"] },
        { id: "b", change: "added", place: "again of x" },
      ],
    ],
  ])("tell a step %s", (_, before, after, expected) => {
    expect(stepsOf(before, after)).toEqual(expected);
  });

  test("tell triggers, state fields, and what changed of the workflow and the operator themselves", () => {
    const before = operator([workflow([a])]);
    const after = operator(
      [
        workflow([a], {
          timeout_ms: 5,
          triggers: [
            { id: "w", on: "cron:0 3 * * *" },
            { id: "lead", on: "webhook:crm_lead" },
          ],
          state_fields: ["name", "score"],
          input_schema: { type: "object", properties: { name: { type: "integer" }, score: {} } },
        }),
      ],
      { description: "More." },
    );

    expect(diffManifests(before, after)).toEqual({
      operator_id: "op",
      same: false,
      changed: ["description"],
      workflows: [
        {
          workflow_id: "w",
          change: "changed",
          changed: ["timeout_ms"],
          steps: [],
          triggers: { added: ["lead"], removed: [], changed: ["w"] },
          state: { added: ["score"], removed: [], changed: ["name"] },
          parks: [],
        },
      ],
    });
  });

  test("say where a run of the old one is parked, and why", () => {
    const { workflows } = diffManifests(
      operator([workflow([a, b, c]), workflow([d], { id: "old" })]),
      operator([workflow([a, c, d]), workflow([b], { id: "new" })]),
    );

    expect(workflows.map(({ workflow_id, change, parks }) => [workflow_id, change, parks])).toEqual([
      [
        "w",
        "changed",
        [
          { step: "b", reason: "there is no step b" },
          { step: "c", reason: "step b came before c, and is gone" },
        ],
      ],
      ["old", "removed", [{ step: "d", reason: "there is no workflow old" }]],
      ["new", "added", []],
    ]);
  });
});
