import type { NodeId, OperatorManifest, TriggerManifest, WorkflowManifest } from "@openvibe/core";
import { describeStep, edgesOf, type GraphEdge } from "./drawing.ts";
import { planWorkflow } from "./plan.ts";

/** A workflow's graph as data. JSON as on the wire. */
export interface GraphData {
  readonly id: string;
  readonly triggers: readonly TriggerManifest[];
  readonly steps: readonly { readonly id: NodeId; readonly kind: string; readonly description: string }[];
  readonly edges: readonly GraphEdge[];
}

/** What the pictures show, for programs. @throws OpenVibeError OV_DEFINITION_INVALID */
export function toGraphData({ id, workflows }: Pick<OperatorManifest, "id" | "workflows">): readonly GraphData[] {
  return workflows.map((workflow) => toWorkflowData(id, workflow));
}

function toWorkflowData(operatorId: string, workflow: WorkflowManifest): GraphData {
  const { id, triggers, steps } = workflow;
  if (steps.length === 0) return { id, triggers, steps: [], edges: [] };
  const plan = planWorkflow(operatorId, workflow);
  const described = [...plan.steps.values()].map(({ manifest }) => ({
    id: manifest.id,
    kind: manifest.kind,
    description: describeStep(manifest),
  }));
  return { id, triggers, steps: described, edges: edgesOf(plan) };
}
