/** Checks of a workflow's steps that need all of them: after each was compiled by itself. */
import { innerSteps, isArm, nearestName, type StepManifest, type WorkflowManifest } from "@openvibe/core";
import { definitionFault } from "./definition-fault.ts";

/** Above this a pause between attempts is waited for without a worker. */
const LONGEST_HELD_MS = 30_000;

interface Place {
  readonly step: StepManifest;
  readonly loops: readonly string[];
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function checkSteps({ steps, checkpointed }: Pick<WorkflowManifest, "steps" | "checkpointed">, at: string): void {
  const places = new Map(placesOf(steps, []).map((place) => [place.step.id, place]));
  for (const place of places.values()) {
    checkRoutes(place, places, at);
    if (checkpointed === false) checkHoldsNothing(place.step, at);
  }
}

function placesOf(steps: readonly StepManifest[], loops: readonly string[]): readonly Place[] {
  return steps.flatMap((step) => {
    const within = step.kind === "loop" ? [...loops, step.id] : loops;
    return [{ step, loops }, ...innerSteps(step).flatMap((inner) => placesOf(inner, within))];
  });
}

/** A route may lead to any step that stands in no loop but those around the branch. */
function checkRoutes({ step, loops }: Place, places: ReadonlyMap<string, Place>, at: string): void {
  if (step.kind !== "branch") return;
  for (const [name, route] of Object.entries(step.routes)) {
    if (isArm(route) || !("goto" in route)) continue;
    const target = places.get(route.goto);
    const routeAt = `${at}, step ${step.id}, route ${JSON.stringify(name)}`;
    if (target === undefined) {
      const near = nearestName(route.goto, places.keys());
      const allowed = near === undefined ? `steps are ${[...places.keys()].join(", ")}` : `did you mean ${JSON.stringify(near)}?`;
      throw definitionFault(routeAt, `leads to ${JSON.stringify(route.goto)}, which is no step; ${allowed}`);
    }
    if (!target.loops.every((loop) => loops.includes(loop)))
      throw definitionFault(routeAt, `leads to ${route.goto}, which stands in a loop that ${step.id} does not`);
  }
}

/** What keeps no steps cannot wait: there is nothing to go on from. */
function checkHoldsNothing(step: StepManifest, at: string): void {
  const stepAt = `${at}, step ${step.id}`;
  switch (step.kind) {
    case "llm":
    case "node":
      if ((step.retries?.longest_ms ?? 0) > LONGEST_HELD_MS)
        throw definitionFault(stepAt, "retries: longest may be 30s at most in a workflow with checkpointed: false, which cannot wait");
      return;
    case "branch":
    case "loop":
      return;
    default:
      throw definitionFault(stepAt, `a .${step.kind} waits, which a workflow with checkpointed: false cannot`);
  }
}
