export { buildGraph, type GraphForm, type StepOutcome, type StepRunner, type WorkflowGraph } from "./build-graph.ts";
export { getStep, type Plan, type PlannedStep, type Position, planWorkflow, type Segment } from "./plan.ts";
