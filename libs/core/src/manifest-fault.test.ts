import { expect, test } from "vitest";
import { findManifestFault } from "./manifest-fault.ts";

const workflow = {
  id: "w",
  triggers: [{ id: "t", on: "on_demand" }],
  state_fields: ["a"],
  input_schema: {},
  steps: [{ id: "s", kind: "node" }],
};
const odd = (change: object) => ({ id: "op", name: "Op", answers: {}, workflows: [{ ...workflow, ...change }] });

test.each<[unknown, string]>([
  [null, "is no object"],
  [[], "is no object"],
  [{ id: "other", name: "Op", workflows: [] }, "has another id"],
  [{ id: "op", workflows: [] }, "has no name"],
  [{ id: "op", name: "Op", description: 1, answers: {}, workflows: [] }, "description is no text"],
  [{ id: "op", name: "Op", workflows: [] }, "answers is no object"],
  [{ id: "op", name: "Op", answers: ["a"], workflows: [] }, "answers is no object"],
  [{ id: "op", name: "Op", answers: {} }, "workflows is no list"],
  [{ id: "op", name: "Op", answers: {}, workflows: { w: workflow } }, "workflows is no list"],
  [{ id: "op", name: "Op", answers: {}, workflows: [workflow, "w"] }, "workflows[1] is no object"],
  [odd({ id: "A b" }), "workflows[0] id is none"],
  [odd({ state_fields: [1] }), "workflows[0] state_fields is no list of texts"],
  [odd({ input_schema: true }), "workflows[0] input_schema is no object"],
  [odd({ triggers: undefined }), "workflows[0] triggers is no list"],
  [odd({ triggers: [{ id: "t" }] }), "workflows[0] triggers[0] is no trigger"],
  [odd({ steps: [{ id: "s" }] }), "workflows[0] steps[0] is no step"],
])("%j is no manifest: %s", (value, fault) => {
  expect(findManifestFault(value, "op")).toBe(fault);
});

test("what a newer version adds does not matter", () => {
  expect(findManifestFault({ ...odd({ colour: "red", steps: [{ id: "s", kind: "agent" }] }), more: 1 }, "op")).toBeUndefined();
});
