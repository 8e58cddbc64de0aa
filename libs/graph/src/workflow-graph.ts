import type { NodeId, State } from "@openvibe/core";
import type { PlannedStep, Position } from "./plan.ts";

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
}

/** LangGraph ends a run after 25 supersteps unless it is told otherwise. Loops are bounded by their own number of passes. */
export const RECURSION_LIMIT = 1_000_000_000;
