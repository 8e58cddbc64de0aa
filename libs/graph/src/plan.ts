import {
  isArm,
  type NodeId,
  OpenVibeError,
  type OperatorId,
  type RouteManifest,
  type StepManifest,
  type WorkflowManifest,
} from "@openvibe/core";

/** Where a run goes on: a step, or the end. */
export type Position = NodeId | null;

export type PlannedStep = {
  readonly id: NodeId;
  readonly manifest: StepManifest;
  /** The loops whose bodies it stands in, from the outermost. */
  readonly loops: readonly NodeId[];
} & (
  | { readonly kind: "linear"; readonly next: Position }
  | { readonly kind: "branch"; readonly routes: Readonly<Record<string, Position>> }
);

/** How a loop's step goes on. */
export const LoopRoute = { Again: "again", Done: "done" } as const;
/** How a human's step goes on where a timeout has steps of its own. */
export const HumanRoute = { Answered: "answered", TimedOut: "timed_out" } as const;

/** How a wait for events goes on where a timeout has steps of its own. */
export const WaitRoute = { Arrived: "arrived", TimedOut: "timed_out" } as const;

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
 * Order of declaration is order of execution; every arm of a branch rejoins at the next step, a loop's body at its loop.
 * @throws OpenVibeError OV_DEFINITION_INVALID
 */
export function planWorkflow(operatorId: OperatorId, workflow: WorkflowManifest): Plan {
  const steps = new Map<NodeId, PlannedStep>();
  const entry = planChain(workflow.steps, null, [], (step) => {
    if (steps.has(step.id))
      throw new OpenVibeError("OV_DEFINITION_INVALID", `operator ${operatorId} workflow ${workflow.id}: two steps are named ${step.id}`);
    steps.set(step.id, step);
  });
  if (entry === null) throw new OpenVibeError("OV_DEFINITION_INVALID", `operator ${operatorId} workflow ${workflow.id} has no steps`);
  checkTargets(`operator ${operatorId} workflow ${workflow.id}`, steps);
  const segments = findSegments(entry, steps);
  const segmentOf = new Map([...segments.values()].flatMap((segment) => segment.steps.map((id) => [id, segment.head] as const)));
  return { operatorId, workflowId: workflow.id, entry, steps, segments, segmentOf };
}

/** Plans a list of steps that goes on at `after`; gives where it begins. */
function planChain(steps: readonly StepManifest[], after: Position, loops: readonly NodeId[], add: (step: PlannedStep) => void): Position {
  for (const [index, manifest] of steps.entries()) {
    const next = steps[index + 1]?.id ?? after;
    const arms = armsOf(manifest);
    if (arms === undefined) {
      add({ kind: "linear", id: manifest.id, manifest, loops, next });
      continue;
    }
    const routes = Object.fromEntries(Object.entries(arms).map(([route, arm]) => [route, targetOf(arm, next)]));
    add({ kind: "branch", id: manifest.id, manifest, loops, routes });
    // A loop's body comes back to it, every other arm goes on behind the step.
    const [behind, within] = manifest.kind === "loop" ? [manifest.id, [...loops, manifest.id]] : [next, loops];
    for (const arm of Object.values(arms).filter(isArm)) planChain(arm, behind, within, add);
  }
  return steps[0]?.id ?? after;
}

/** Where a route leads; `next` is the step behind its branch. */
function targetOf(route: RouteManifest, next: Position): Position {
  if (isArm(route)) return route[0]?.id ?? next;
  return "goto" in route ? route.goto : null;
}

/** A route may lead to any step that stands in no loop but those around the branch. */
function checkTargets(at: string, steps: ReadonlyMap<NodeId, PlannedStep>): void {
  for (const { id, manifest, loops } of steps.values()) {
    if (manifest.kind !== "branch") continue;
    for (const [route, arm] of Object.entries(manifest.routes)) {
      if (isArm(arm) || !("goto" in arm)) continue;
      const target = steps.get(arm.goto);
      const why =
        target === undefined ? "is no step" : target.loops.every((loop) => loops.includes(loop)) ? "" : "stands in a loop that it does not";
      if (why !== "")
        throw new OpenVibeError("OV_DEFINITION_INVALID", `${at}: route ${route} of step ${id} leads to ${arm.goto}, which ${why}`);
    }
  }
}

/** The ways that lead out of a step, by name; `undefined` where there is just one. */
export function armsOf(manifest: StepManifest): Readonly<Record<string, RouteManifest>> | undefined {
  switch (manifest.kind) {
    case "branch":
      return manifest.routes;
    case "loop":
      return { [LoopRoute.Again]: manifest.body, [LoopRoute.Done]: [] };
    case "human":
      return manifest.timed_out === undefined ? undefined : { [HumanRoute.Answered]: [], [HumanRoute.TimedOut]: manifest.timed_out };
    case "wait": {
      const timedOut = manifest.event?.timed_out;
      return timedOut === undefined ? undefined : { [WaitRoute.Arrived]: [], [WaitRoute.TimedOut]: timedOut };
    }
    default:
      return undefined;
  }
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
  // Where no step leads a node's `goto` may.
  for (const id of steps.keys()) if (arrivals.get(id) !== 1) heads.add(id);

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

/** Whether `to` is `from` or stands before it in the order of declaration. */
export function leadsBack(plan: Plan, from: NodeId, to: NodeId): boolean {
  for (const id of plan.steps.keys()) {
    if (id === to) return true;
    if (id === from) return false;
  }
  return false;
}
