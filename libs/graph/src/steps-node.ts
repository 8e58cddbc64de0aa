import { Runnable, type RunnableConfig } from "@langchain/core/runnables";
import type { NodeId } from "@openvibe/core";
import { getStep, type Plan, type PlannedStep } from "./plan.ts";
import type { StepOutcome, StepRunner } from "./workflow-graph.ts";

/** What a LangGraph node of ours is given, and gives: the state, and where to go on. */
export type Update = StepOutcome;

/** Runs steps that follow each other. A bare Runnable: LangGraph calls it without the callback and tracing layers that a function would be wrapped in. */
export class StepsNode extends Runnable<Update, Update> {
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

/** A prefix keeps step names apart from the names of channels, which LangGraph refuses as node names. */
export function nodeName(id: NodeId): string {
  return `step/${id}`;
}
