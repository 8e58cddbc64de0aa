export type { ModelUsage } from "./brought/model-usage.ts";
export {
  type BroughtGraphEnd,
  type BroughtGraphRun,
  type GraphListener,
  type GraphQuestion,
  runBroughtGraph,
} from "./brought/run-brought-graph.ts";
export { StoreSaver } from "./brought/store-saver.ts";
export { buildGraph } from "./build-graph.ts";
export { type Compatibility, compatible } from "./compatible.ts";
export { outsideOfGraphs } from "./outside-of-graphs.ts";
export {
  getStep,
  HumanRoute,
  LoopRoute,
  leadsBack,
  type Plan,
  type PlannedStep,
  type Position,
  planWorkflow,
  type Segment,
  WaitRoute,
} from "./plan.ts";
export { drawPlan } from "./step-graph.ts";
export type { GraphForm, StepOutcome, StepRunner, WorkflowGraph } from "./workflow-graph.ts";
