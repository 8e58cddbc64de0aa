import { expect, test } from "vitest";
import { allSteps } from "./all-steps.ts";
import type { StepManifest } from "./definition.ts";

test("steps inside of routes, bodies and timeouts are found, also inside kinds that are not known", () => {
  const node = (id: string): StepManifest => ({ kind: "node", id });
  const steps = [
    node("a"),
    { kind: "branch", id: "b", routes: { yes: [node("c")], no: [] } },
    {
      kind: "loop",
      id: "d",
      max_iterations: 3,
      body: [{ kind: "wait", id: "e", event: { types: ["x"], needed: 1, timed_out: [node("f")] } }],
    },
    { kind: "later", id: "g", inside: { deep: [node("h")] }, numbers: [1, 2] },
  ] as unknown as readonly StepManifest[];

  expect([...allSteps(steps)].map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
});
