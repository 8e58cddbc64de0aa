import type { State, StepManifest } from "./definition.ts";
import type { NodeId } from "./ids.ts";
import type { RunError } from "./problems.ts";

/** What one step did, as it is kept in a run's history: JSON as on the wire. */
export interface StepRecord {
  readonly node_id: NodeId;
  readonly kind: StepManifest["kind"];
  /** Of the run: raised by each claim. */
  readonly attempt: number;
  /** How often the step was tried within that attempt: 1 when it went well at once. */
  readonly tries: number;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
  /** The state fields it wrote; empty where it failed. */
  readonly patch: State;
  /** The step after it; `null` at the end. */
  readonly next: NodeId | null;
  /** Its `when` did not hold: it was not run. */
  readonly skipped?: true;
  /** The model that answered last, as its vendor names it; absent where no model was called. */
  readonly model?: string;
  readonly llm_calls?: number;
  readonly tokens_in?: number;
  readonly tokens_out?: number;
  /** `null`: the price of a call is not known. */
  readonly cost_usd?: number | null;
  /** Why the step, and with it the run, failed. */
  readonly error?: RunError;
}
