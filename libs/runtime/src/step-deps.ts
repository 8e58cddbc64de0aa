import type { JsonObject } from "@openvibe/core";
import type { LlmProvider } from "@openvibe/llm";
import type { ChildRuns } from "./child-runs.ts";
import type { WaitingRun } from "./event-wait.ts";
import type { GraphStepDeps } from "./graph-step.ts";
import type { Woken } from "./pausing.ts";
import type { Tried } from "./retrying.ts";

/** What the code of one step is run with, whatever its kind. */
export interface StepDeps {
  readonly llm: LlmProvider;
  /** Hears a failed attempt that will be made again. */
  readonly onRetry: (data: JsonObject) => void;
  readonly onDelta: (text: string) => void;
  /** Drops what a failed attempt of a node has published, and counts its questions anew. Gives what a long pause before the next one keeps. */
  readonly nextAttempt: () => Omit<Tried, "began" | "model">;
  /** Present when the run has waited at this very step and is awake again. */
  readonly woken: Woken | undefined;
  /** Writes of the run that were committed when this visit of the step began; long pauses between attempts do not end it. */
  readonly began: number;
  /** Passes of this step that are done, where it is a loop. */
  readonly passes: number;
  /** What a graph needs that the author brought. */
  readonly graph: () => Omit<GraphStepDeps, "woken" | "began" | "onDelta">;
  /** The run, for a step that waits for events. */
  readonly waiting: WaitingRun;
  /** Called by steps that have children. */
  readonly children: () => ChildRuns;
}
