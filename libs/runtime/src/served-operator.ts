import {
  type NodeId,
  OpenVibeError,
  type OperatorDefinition,
  type StepCode,
  type WorkflowCode,
  type WorkflowManifest,
} from "@openvibe/core";
import { buildGraph, type GraphForm, type Plan, planWorkflow, type WorkflowGraph } from "@openvibe/graph";

/** A workflow ready to run: compiled once per version. */
export interface ServedWorkflow {
  readonly manifest: WorkflowManifest;
  readonly code: WorkflowCode;
  readonly plan: Plan;
  readonly graph: WorkflowGraph;
  /** Whether a run of it may begin others. */
  readonly hasChildren: boolean;
  /** The state's fields before any input. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

export interface ServedOperator {
  readonly definition: OperatorDefinition;
  readonly workflows: ReadonlyMap<string, ServedWorkflow>;
}

/** Compiles all workflows of an operator. @throws OpenVibeError OV_DEFINITION_INVALID */
export function serveOperator(definition: OperatorDefinition, form: GraphForm): ServedOperator {
  const { manifest } = definition;
  const workflows = manifest.workflows.map((workflow) => {
    const code = definition.workflows.get(workflow.id);
    if (code === undefined)
      throw new OpenVibeError("OV_DEFINITION_INVALID", `operator ${manifest.id}: workflow ${workflow.id} has no code`);
    const plan = planWorkflow(manifest.id, workflow);
    for (const id of plan.steps.keys()) getCode(code.steps, id, `operator ${manifest.id} workflow ${workflow.id}`);
    const hasChildren = [...plan.steps.values()].some((step) => step.manifest.kind === "run" || step.manifest.kind === "each");
    const defaults = code.openState({}).state;
    return [workflow.id, { manifest: workflow, code, plan, graph: buildGraph(plan, form), hasChildren, defaults }] as const;
  });
  return { definition, workflows: new Map(workflows) };
}

/** Whether its steps are committed one by one; else only where a run ends, or is handed on. */
export function isCheckpointed({ manifest }: ServedWorkflow): boolean {
  return manifest.checkpointed !== false;
}

/** @throws OpenVibeError OV_DEFINITION_INVALID */
export function getCode(steps: ReadonlyMap<NodeId, StepCode>, id: NodeId, where: string): StepCode {
  const code = steps.get(id);
  if (code === undefined) throw new OpenVibeError("OV_DEFINITION_INVALID", `${where}: step ${id} has no code`);
  return code;
}
