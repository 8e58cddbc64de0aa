import type { NodeId, State, StepRecord } from "@openvibe/core";
import { LoopRoute, type Plan } from "@openvibe/graph";

/** What a run had come to when a step began. */
export interface ReplayedStep {
  readonly state: State;
  /** Of the loops it was in. */
  readonly passes: ReadonlyMap<NodeId, number>;
}

/** What a run stood before: each step that began, and the one that was to come, as it was the last time. */
export class Replay {
  readonly #plan: Plan;
  readonly #seen = new Map<NodeId, ReplayedStep>();
  #state: State;
  #passes: ReadonlyMap<NodeId, number>;

  /** `plan`: that the run went by. It began with `state` before `step`. */
  constructor(plan: Plan, step: NodeId | null, { state, passes }: ReplayedStep) {
    this.#plan = plan;
    this.#state = state;
    this.#passes = passes;
    this.#standBefore(step);
  }

  add({ node_id: id, patch, next }: StepRecord): void {
    this.#standBefore(id);
    this.#state = { ...this.#state, ...patch };
    const step = this.#plan.steps.get(id);
    const passes = new Map(this.#passes);
    if (step?.manifest.kind === "loop" && step.kind === "branch" && next === step.routes[LoopRoute.Again])
      passes.set(id, (passes.get(id) ?? 0) + 1);
    const inside = next === null ? [] : (this.#plan.steps.get(next)?.loops ?? []);
    this.#passes = new Map([...passes].filter(([loop]) => loop === next || inside.includes(loop)));
    this.#standBefore(next);
  }

  find(step: NodeId): ReplayedStep | undefined {
    return this.#seen.get(step);
  }

  get steps(): readonly NodeId[] {
    return [...this.#seen.keys()];
  }

  #standBefore(step: NodeId | null): void {
    if (step !== null) this.#seen.set(step, { state: this.#state, passes: this.#passes });
  }
}
