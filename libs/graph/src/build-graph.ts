import type { Plan } from "./plan.ts";
import { buildSegmentGraph } from "./segment-graph.ts";
import { buildStepGraph } from "./step-graph.ts";
import type { GraphForm, WorkflowGraph } from "./workflow-graph.ts";

/** A plan becomes a graph, in one of two forms that store the same positions. */
export function buildGraph(plan: Plan, form: GraphForm): WorkflowGraph {
  return form === "nodes" ? buildStepGraph(plan) : buildSegmentGraph(plan);
}
