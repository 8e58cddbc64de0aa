import type { RunId, StepRecord } from "@openvibe/core";

/** What the steps of a run did, where it is kept: each record is committed with the write that ends its step, and purged with the run. */
export interface HistoryStore {
  /** In the order in which the steps ended; empty where nothing is kept, and for a run that is not there. */
  of(runId: RunId): Promise<readonly StepRecord[]>;
}
