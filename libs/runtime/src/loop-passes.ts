/** Which passes of its loops a run is in: they name what is done anew, and what is done again (effect keys, positions). */
import type { NodeId } from "@openvibe/core";
import { LoopRoute, leadsBack, type Plan, type PlannedStep, type Position } from "@openvibe/graph";

/** A run's way through its plan so far. */
export interface WayTaken {
  /** Of the loops the run is in, the running one counted. */
  readonly passes: Map<NodeId, number>;
  /** How often the run has gone back to an earlier step, loops not counted. */
  returns: number;
}

/** A loop has chosen: another pass, or its end. */
export function countPass({ passes }: WayTaken, step: PlannedStep, position: Position): void {
  const again = step.kind === "branch" && position === step.routes[LoopRoute.Again];
  if (again) passes.set(step.id, (passes.get(step.id) ?? 0) + 1);
  else passes.delete(step.id);
}

/**
 * The run goes to a step outside of some loops it is in: their passes are over. A loop that is gone to itself goes on. Whatever else lies behind it
 * is done anew, with effect keys of its own.
 */
export function leaveLoops(way: WayTaken, plan: Plan, step: PlannedStep, position: Position): void {
  if (position === null) return;
  if (!step.loops.includes(position) && leadsBack(plan, step.id, position)) way.returns++;
  const around = plan.steps.get(position)?.loops;
  for (const loop of way.passes.keys()) if (loop !== position && around?.includes(loop) !== true) way.passes.delete(loop);
}

/** Tells what a step does in one pass from what it does in another; "0" outside of loops. */
export function iterationOf({ passes, returns }: WayTaken): string {
  return `${[...passes.values()].join(".") || "0"}${returns === 0 ? "" : `~${returns}`}`;
}
