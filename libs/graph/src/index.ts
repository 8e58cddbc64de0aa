export { buildGraph } from "./build-graph.ts";
export { getStep, HumanRoute, LoopRoute, type Plan, type PlannedStep, type Position, planWorkflow, type Segment } from "./plan.ts";
export { drawPlan } from "./step-graph.ts";
export type { GraphForm, StepOutcome, StepRunner, WorkflowGraph } from "./workflow-graph.ts";
