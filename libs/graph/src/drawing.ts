/** What all pictures of a workflow have in common: its edges, and what is said about a step. */
import type { StepManifest, WorkflowManifest } from "@openvibe/core";
import type { Plan, Position } from "./plan.ts";

/** `from: null` is the start, `to: null` the end. */
export interface GraphEdge {
  readonly from: Position;
  readonly to: Position;
  /** Of a step with several ways on. */
  readonly route?: string;
}

export function edgesOf({ entry, steps }: Plan): readonly GraphEdge[] {
  const edges: GraphEdge[] = [{ from: null, to: entry }];
  for (const step of steps.values()) {
    if (step.kind === "linear") edges.push({ from: step.id, to: step.next });
    else for (const [route, to] of Object.entries(step.routes)) edges.push({ from: step.id, to, route });
  }
  return edges;
}

/** In few words, from what the manifest says: `llm haiku → report`. */
export function describeStep(step: StepManifest): string {
  return step.when === true ? `${describeKind(step)}, maybe skipped` : describeKind(step);
}

function describeKind(step: StepManifest): string {
  switch (step.kind) {
    case "llm":
      return ["llm", step.model, ...(step.outputs.length === 0 ? [] : ["→", step.outputs.join(", ")])].join(" ");
    case "loop":
      return `loop, at most ${step.max_iterations} ${step.max_iterations === 1 ? "pass" : "passes"}`;
    case "wait":
      return step.duration_ms === undefined ? "wait" : `wait ${spanOf(step.duration_ms)}`;
    case "human":
      return `human → ${step.answer.join(", ")}`;
    default:
      return step.kind;
  }
}

export function describeTriggers({ id, triggers }: WorkflowManifest): string {
  return triggers.map((trigger) => (trigger.id === id ? trigger.on : `${trigger.id} (${trigger.on})`)).join(", ");
}

const SPANS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

function spanOf(ms: number): string {
  const [unit, size] = SPANS.find(([, each]) => ms >= each && ms % each === 0) ?? ["ms", 1];
  return `${ms / size} ${unit}`;
}
