import type { StepManifest } from "./definition.ts";
import { isPlainObject } from "./json.ts";

/** Every step of a workflow, those inside of others included: also inside kinds that only a newer OpenVibe knows. */
export function* allSteps(steps: readonly StepManifest[]): Generator<StepManifest, void, void> {
  for (const step of steps) {
    yield step;
    for (const inner of Object.values(step)) yield* stepsIn(inner);
  }
}

function* stepsIn(value: unknown): Generator<StepManifest, void, void> {
  if (Array.isArray(value)) {
    if (value.every(isStep)) yield* allSteps(value);
  } else if (isPlainObject(value)) for (const inner of Object.values(value)) yield* stepsIn(inner);
}

function isStep(value: unknown): value is StepManifest {
  return isPlainObject(value) && typeof value.id === "string" && typeof value.kind === "string";
}
