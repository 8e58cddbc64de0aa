import type { RunId, StepRecord } from "@openvibe/core";

/** What the steps of a run did, where it is kept: each record is committed with the write that ends its step, and purged with the run. */
export interface HistoryStore {
  /** In the order in which the steps ended; nothing where nothing is kept, and for a run that is not there. */
  of(runId: RunId, page?: HistoryPage): Promise<{ readonly records: readonly StepRecord[]; readonly next: number | null }>;
}

export interface HistoryPage {
  /** The `next` of the page before. */
  readonly after?: number;
  /** Writes, each of which ended one step or a few; 200 by default. */
  readonly limit?: number;
}
