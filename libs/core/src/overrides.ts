import type { LlmPrompt, State } from "./definition.ts";
import type { NodeId } from "./ids.ts";

/** What a rerun does otherwise than the run it was made of. Kept with the new run, so that whoever goes on with it does the same. */
export interface RunOverrides {
  /** Where it begins, as `writePosition` writes it, and what was given or written before; at its first step with its input when absent. */
  readonly begin?: { readonly position: string; readonly state: State };
  /** By step: the model that is asked. */
  readonly model?: Readonly<Record<NodeId, string>>;
  /** By step: takes the place of what the step's own code says. */
  readonly prompt?: Readonly<Record<NodeId, Partial<LlmPrompt>>>;
}
