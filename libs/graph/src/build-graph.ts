/** The one file that knows LangGraph's `StateGraph`: a plan becomes a graph, in one of two forms that store the same positions. */

import { Runnable, type RunnableConfig } from "@langchain/core/runnables";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import type { NodeId, State } from "@openvibe/core";
import { callWritersDirectly } from "./bare-writers.ts";
import { getStep, type Plan, type PlannedStep, type Position } from "./plan.ts";

/** `nodes`: one LangGraph node per step (pictures, tracing, debugging). `segments`: one per linear run of steps (the default in workers). */
export type GraphForm = "nodes" | "segments";

export interface StepOutcome {
  readonly state: State;
  readonly position: Position;
}

/** Runs steps for one run. What it throws leaves the graph as it is. */
export interface StepRunner {
  /**
   * Runs one step and commits it before resolving. With `mayDefer` the step and the one after it are declared pure and follow each other here:
   * the commit may be left to the next.
   */
  step(step: PlannedStep, state: State, mayDefer: boolean): Promise<StepOutcome>;
}

/** A workflow compiled once per version; `run` may be called for many runs at a time. */
export interface WorkflowGraph {
  readonly form: GraphForm;
  /** Goes from `position` to the end. Must not be called from within a node of another graph (LangGraph would nest it). */
  run(runner: StepRunner, start: { readonly state: State; readonly position: NodeId }): Promise<void>;
  /** A Mermaid picture of the graph. */
  mermaid(): Promise<string>;
}

const Channels = Annotation.Root({
  state: Annotation<State>(),
  position: Annotation<Position>(),
});
type Update = typeof Channels.State;

/** LangGraph counts supersteps against this; a plan has no loops, so its length bounds them. */
const MARGIN = 5;

export function buildGraph(plan: Plan, form: GraphForm): WorkflowGraph {
  const units = form === "nodes" ? [...plan.steps.keys()].map((id) => ({ head: id, steps: [id] })) : [...plan.segments.values()];
  const unitOf = (id: NodeId): NodeId => (form === "nodes" ? id : (plan.segmentOf.get(id) ?? id));
  const graph = new StateGraph(Channels) as unknown as LooseGraph;

  for (const { head, steps } of units) graph.addNode(nodeName(head), new StepsNode(plan, steps));
  const entry = new Router(({ position }) => nodeName(unitOf(position ?? plan.entry)));
  graph.addConditionalEdges(START, entry, targets(units.map(({ head }) => head)));
  const next = new Router(({ position }) => (position === null ? END : nodeName(position)));
  for (const { head, steps } of units) {
    const last = getStep(plan.steps, steps.at(-1) ?? head);
    if (last.kind === "linear") graph.addEdge(nodeName(head), last.next === null ? END : nodeName(last.next));
    else graph.addConditionalEdges(nodeName(head), next, targets(Object.values(last.routes)));
  }

  const compiled = graph.compile();
  callWritersDirectly(compiled);
  const recursionLimit = plan.steps.size + MARGIN;
  return {
    form,
    async run(runner, { state, position }) {
      // A signal is not handed to LangGraph: the runner watches it, and only it knows whether a step was committed.
      await compiled.invoke({ state, position }, { recursionLimit, configurable: { runner } });
    },
    async mermaid() {
      return (await compiled.getGraphAsync()).drawMermaid();
    },
  };
}

/** LangGraph's own types want node names as literals; ours come from data. */
interface LooseGraph {
  addNode(name: string, node: Runnable): void;
  addEdge(from: string, to: string): void;
  addConditionalEdges(from: string, router: Router, targets: Record<string, string>): void;
  compile(): {
    invoke(input: Update, config: RunnableConfig): Promise<unknown>;
    getGraphAsync(): Promise<{ drawMermaid(): string }>;
  };
}

/** A prefix keeps step names apart from the names of channels, which LangGraph refuses as node names. */
function nodeName(id: NodeId): string {
  return `step/${id}`;
}

function targets(positions: readonly Position[]): Record<string, string> {
  return Object.fromEntries(positions.map((position) => (position === null ? [END, END] : [nodeName(position), nodeName(position)])));
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

/** A bare Runnable: LangGraph calls it without the callback and tracing layers that a function would be wrapped in. */
class StepsNode extends Runnable<Update, Update> {
  readonly lc_namespace = ["openvibe"];
  readonly #plan: Plan;
  readonly #steps: readonly NodeId[];

  constructor(plan: Plan, steps: readonly NodeId[]) {
    super();
    this.#plan = plan;
    this.#steps = steps;
  }

  override async invoke(input: Update, config?: Partial<RunnableConfig>): Promise<Update> {
    const runner = config?.configurable?.runner as StepRunner;
    let { state, position } = input;
    const from = position === null ? 0 : Math.max(0, this.#steps.indexOf(position));
    for (let index = from; index < this.#steps.length; index++) {
      const step = getStep(this.#plan.steps, this.#steps[index] ?? "");
      const outcome = await runner.step(step, state, this.#mayDefer(step, index));
      state = outcome.state;
      position = outcome.position;
    }
    return { state, position };
  }

  #mayDefer(step: PlannedStep, index: number): boolean {
    const next = this.#steps[index + 1];
    return isPure(step) && next !== undefined && isPure(getStep(this.#plan.steps, next));
  }
}

function isPure({ manifest }: PlannedStep): boolean {
  return manifest.kind === "node" && manifest.pure === true;
}
