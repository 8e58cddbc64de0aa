import type { RunnableConfig } from "@langchain/core/runnables";
import { RECURSION_LIMIT, type StepRunner } from "./workflow-graph.ts";

/** What LangGraph compiles graphs to, as far as it is used here. */
export interface Walkable<Input> {
  /** What `invoke` and `stream` walk along: one entry per thing that is told, of which there is none in `custom` mode. */
  _streamIterator(input: Input, options: RunnableConfig & { readonly streamMode: "custom" }): AsyncGenerator<unknown>;
}

/**
 * Runs a graph to its end. `invoke` would lay three web streams and an abort controller around the same walk: a fifth of what LangGraph costs per run.
 * A signal is not handed to LangGraph: the runner watches it, and only it knows whether a step was committed.
 */
export async function runToEnd<Input>(graph: Walkable<Input>, input: Input, runner: StepRunner): Promise<void> {
  const walk = graph._streamIterator(input, { recursionLimit: RECURSION_LIMIT, streamMode: "custom", configurable: { runner } });
  while (!(await walk.next()).done);
}
