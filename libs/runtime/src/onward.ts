/** What a node asks for beside its patch: to sleep, to go to another step, to end the run. */
import { type NodeId, type Onward, OpenVibeError } from "@openvibe/core";
import type { PlannedStep, Position } from "@openvibe/graph";
import { isCheckpointed, type ServedWorkflow } from "./served-operator.ts";

/** @throws OpenVibeError OV_NODE_FAILED, OV_ROUTE_UNKNOWN: the run cannot go on so */
export function checkOnward(onward: Onward, step: PlannedStep, workflow: ServedWorkflow, passes: ReadonlyMap<NodeId, number>): void {
  if (onward.kind === "sleep" && !isCheckpointed(workflow))
    throw new OpenVibeError(
      "OV_NODE_FAILED",
      `node ${step.id} sleeps, which workflow ${workflow.manifest.id} cannot: it keeps no steps (checkpointed: false)`,
    );
  if (onward.kind !== "goto") return;
  const target = workflow.plan.steps.get(onward.nodeId);
  const isInside = ({ loops }: PlannedStep) => loops.every((loop) => passes.has(loop));
  if (target !== undefined && isInside(target)) return;
  const allowed = [...workflow.plan.steps.values()].filter(isInside);
  const why = target === undefined ? "which is no step" : `which stands in a loop that ${step.id} does not`;
  throw new OpenVibeError(
    "OV_ROUTE_UNKNOWN",
    `node ${step.id} goes to ${JSON.stringify(onward.nodeId)}, ${why}; allowed are ${allowed.map(({ id }) => id).join(", ")}`,
  );
}

/** The step after the one whose code chose `position`, and perhaps to go on otherwise. */
export function nextOf(onward: Onward | undefined, position: Position): Position {
  if (onward === undefined || onward.kind === "sleep") return position;
  return onward.kind === "goto" ? onward.nodeId : null;
}
