/** The one file that knows LangGraph's `StateGraph`: a plan becomes a graph with one node per step. */

import { Runnable } from "@langchain/core/runnables";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import type { State } from "@openvibe/core";
import { callWritersDirectly } from "./bare-writers.ts";
import type { Plan, Position } from "./plan.ts";
import { runToEnd, type Walkable } from "./run-to-end.ts";
import { nodeName, StepsNode, type Update } from "./steps-node.ts";
import type { WorkflowGraph } from "./workflow-graph.ts";

const Channels = Annotation.Root({
  state: Annotation<State>(),
  position: Annotation<Position>(),
});

export function buildStepGraph(plan: Plan): WorkflowGraph {
  const compiled = compile(plan);
  callWritersDirectly(compiled);
  return {
    form: "nodes",
    run: (runner, start) => runToEnd(compiled, start, runner),
  };
}

/** A Mermaid picture of the plan, a node per step. */
export async function drawPlan(plan: Plan): Promise<string> {
  return (await compile(plan).getGraphAsync()).drawMermaid();
}

function compile(plan: Plan): Compiled {
  const graph = new StateGraph(Channels) as unknown as LooseGraph;
  for (const id of plan.steps.keys()) graph.addNode(nodeName(id), new StepsNode(plan, [id]));
  const entry = new Router(({ position }) => nodeName(position ?? plan.entry));
  graph.addConditionalEdges(START, entry, targets([...plan.steps.keys()]));
  const next = new Router(({ position }) => toTarget(position));
  for (const step of plan.steps.values()) {
    if (step.kind === "linear") graph.addEdge(nodeName(step.id), toTarget(step.next));
    else graph.addConditionalEdges(nodeName(step.id), next, targets(Object.values(step.routes)));
  }
  return graph.compile();
}

interface Compiled extends Walkable<Update> {
  getGraphAsync(): Promise<{ drawMermaid(): string }>;
}

/** LangGraph's own types want node names as literals; ours come from data. */
interface LooseGraph {
  addNode(name: string, node: Runnable): void;
  addEdge(from: string, to: string): void;
  addConditionalEdges(from: string, router: Router, targets: Record<string, string>): void;
  compile(): Compiled;
}

function toTarget(position: Position): string {
  return position === null ? END : nodeName(position);
}

function targets(positions: readonly Position[]): Record<string, string> {
  return Object.fromEntries(positions.map((position) => [toTarget(position), toTarget(position)]));
}

/** Chooses the next node by the position. Bare, as `StepsNode` is. */
class Router extends Runnable<Update, string> {
  readonly lc_namespace = ["openvibe"];
  readonly #route: (state: Update) => string;

  constructor(route: (state: Update) => string) {
    super();
    this.#route = route;
  }

  override async invoke(state: Update): Promise<string> {
    return this.#route(state);
  }
}
