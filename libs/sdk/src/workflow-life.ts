import type { Duration } from "@openvibe/core";

/** How long a workflow's runs may live, and what is kept of them: the same in every spelling. */
export interface WorkflowLife {
  readonly description?: string;
  /** Time for one pass through the graph, waits not counted. */
  readonly timeout?: Duration;
  /** The longest life of a run, waits included, from its acceptance: then it is timed out wherever it stands. For as long as it takes when absent. */
  readonly durable?: { readonly maxDays: number };
  /**
   * `false`: steps are not committed one by one. Faster, and a run is lost with its worker (`failed`, OV_RUN_LOST); nothing that waits is allowed. `true`
   * by default.
   */
  readonly checkpointed?: boolean;
}
