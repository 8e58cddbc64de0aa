import type { OperatorManifest, StepManifest } from "@openvibe/core";
import { expect, test } from "vitest";
import { anEvent } from "../test-rig/events.ts";
import { Interest } from "./interest.ts";

const operator = (id: string, triggers: readonly object[], steps: readonly object[] = []) => {
  const workflow = { id: "work", triggers, state_fields: [], input_schema: {}, steps: steps as readonly StepManifest[] };
  return {
    version: "v",
    registeredAt: 0,
    posted: false,
    manifest: { id, name: id, answers: {}, workflows: [workflow] } as unknown as OperatorManifest,
  };
};

test("what is odd in one manifest hides nothing of the others", () => {
  const odd = operator(
    "odd",
    [
      { id: "a", on: "event:lead", filter: null },
      { id: "b", on: "event:lead", filter: "x" },
      { id: "c", on: "cron:* * * * *" },
    ],
    [
      { kind: "wait", id: "w", event: 7 },
      { kind: "wait", id: "w", event: { types: "lead" } },
      { kind: "wait", id: "w", event: { types: ["lead"], match: "x" } },
    ],
  );
  const interest = new Interest([odd, operator("desk", [{ id: "t", on: "event:lead" }])]);

  expect(interest.types).toEqual(["lead"]);
  expect(interest.triggersOf(anEvent({ type: "lead" }), {}).map((met) => met.operator.manifest.id)).toEqual(["desk"]);
  expect(interest.matchKeysOf(anEvent({ type: "lead" }), {})).toEqual([]);
});

test("an event is kept under each set of fields that somebody matches with, where it has them", () => {
  const wait = (match?: readonly string[]) => ({
    kind: "wait",
    id: "w",
    event: { types: ["lead"], needed: 1, ...(match === undefined ? {} : { match }) },
  });
  const interest = new Interest([operator("desk", [], [wait(), wait(["b", "a"]), wait(["a", "b"]), wait(["c"])])]);

  expect(interest.matchKeysOf(anEvent({ type: "lead" }), { a: 1, b: 2 })).toEqual(["", '{"a":1,"b":2}']);
});
