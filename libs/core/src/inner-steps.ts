import type { RouteManifest, StepManifest } from "./definition.ts";

/** The steps of a branch's route; none where it goes to another step, or to the end. */
export function armOf(route: RouteManifest): readonly StepManifest[] {
  return isArm(route) ? route : [];
}

/** The lists of steps that stand inside of one. */
export function innerSteps(step: StepManifest): readonly (readonly StepManifest[])[] {
  switch (step.kind) {
    case "branch":
      return Object.values(step.routes).map(armOf);
    case "loop":
      return [step.body];
    case "human":
      return step.timed_out === undefined ? [] : [step.timed_out];
    case "wait":
      return step.event?.timed_out === undefined ? [] : [step.event.timed_out];
    case "llm":
    case "node":
    case "graph":
    case "run":
    case "each":
      return [];
    default:
      return step satisfies never;
  }
}

export function isArm(route: RouteManifest): route is readonly StepManifest[] {
  return Array.isArray(route);
}
