import { type NodeId, OpenVibeError, type OperatorId, type StepManifest, type WorkflowManifest } from "@openvibe/core";

/** Where a run goes on: a step, or the end. */
export type Position = NodeId | null;

export type PlannedStep = {
  readonly id: NodeId;
  readonly manifest: StepManifest;
} & (
  | { readonly kind: "linear"; readonly next: Position }
  | { readonly kind: "branch"; readonly routes: Readonly<Record<string, Position>> }
);

/** A linear run of steps that one LangGraph node can carry: it begins at its head and ends at a branch, before a join, or at the end. */
export interface Segment {
  readonly head: NodeId;
  readonly steps: readonly NodeId[];
}

/** A workflow as pure data: which step follows which. */
export interface Plan {
  readonly operatorId: OperatorId;
  readonly workflowId: string;
  readonly entry: NodeId;
  readonly steps: ReadonlyMap<NodeId, PlannedStep>;
  /** By head. */
  readonly segments: ReadonlyMap<NodeId, Segment>;
  /** Step -> head of the segment that holds it. */
  readonly segmentOf: ReadonlyMap<NodeId, NodeId>;
}

/**
 * Order of declaration is order of execution; every arm of a branch rejoins at the next step.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function planWorkflow(operatorId: OperatorId, workflow: WorkflowManifest): Plan {
  const steps = new Map<NodeId, PlannedStep>();
  const entry = planChain(workflow.steps, null, (step) => {
    if (steps.has(step.id))
      throw new OpenVibeError("OV_DEFINITION_INVALID", `operator ${operatorId} workflow ${workflow.id}: two steps are named ${step.id}`);
    steps.set(step.id, step);
  });
  if (entry === null) throw new OpenVibeError("OV_DEFINITION_INVALID", `operator ${operatorId} workflow ${workflow.id} has no steps`);
  const segments = findSegments(entry, steps);
  const segmentOf = new Map([...segments.values()].flatMap((segment) => segment.steps.map((id) => [id, segment.head] as const)));
  return { operatorId, workflowId: workflow.id, entry, steps, segments, segmentOf };
}

/** Plans a list of steps that goes on at `after`; gives where it begins. */
function planChain(steps: readonly StepManifest[], after: Position, add: (step: PlannedStep) => void): Position {
  steps.forEach((manifest, index) => {
    const next = steps[index + 1]?.id ?? after;
    if (manifest.kind === "branch") {
      const routes = Object.fromEntries(Object.entries(manifest.routes).map(([route, arm]) => [route, arm[0]?.id ?? next]));
      add({ kind: "branch", id: manifest.id, manifest, routes });
      for (const arm of Object.values(manifest.routes)) planChain(arm, next, add);
    } else add({ kind: "linear", id: manifest.id, manifest, next });
  });
  return steps[0]?.id ?? after;
}

function findSegments(entry: NodeId, steps: ReadonlyMap<NodeId, PlannedStep>): Map<NodeId, Segment> {
  const heads = new Set([entry]);
  for (const step of steps.values()) {
    if (step.kind !== "branch") continue;
    for (const target of Object.values(step.routes)) if (target !== null) heads.add(target);
  }
  const arrivals = new Map<NodeId, number>();
  for (const step of steps.values())
    if (step.kind === "linear" && step.next !== null) arrivals.set(step.next, (arrivals.get(step.next) ?? 0) + 1);
  for (const [id, count] of arrivals) if (count > 1) heads.add(id);

  const segments = new Map<NodeId, Segment>();
  for (const head of heads) {
    const ids: NodeId[] = [];
    for (let at: Position = head; at !== null; ) {
      ids.push(at);
      const step = getStep(steps, at);
      at = step.kind === "linear" && step.next !== null && !heads.has(step.next) ? step.next : null;
    }
    segments.set(head, { head, steps: ids });
  }
  return segments;
}

/** @throws OpenVibeError OV_DEFINITION_UNKNOWN */
export function getStep(steps: ReadonlyMap<NodeId, PlannedStep>, id: NodeId): PlannedStep {
  const step = steps.get(id);
  if (step === undefined)
    throw new OpenVibeError("OV_DEFINITION_UNKNOWN", `the plan has no step ${id}; it has ${[...steps.keys()].join(", ")}`);
  return step;
}
