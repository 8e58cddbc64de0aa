import type { RunId } from "@openvibe/core";

/** A result that a node's code has within it, kept until the node itself is committed. */
export interface SubStep {
  readonly runId: RunId;
  /** Which node, and in which pass of its loops. */
  readonly place: string;
  readonly key: string;
  /** Writes of the run that were committed when the node began: what is kept from before that is of an earlier visit and does not count. */
  readonly step: number;
  /** JSON text; `null` for nothing. */
  readonly result: string | null;
}

/** Results within nodes, for those that keep some. They go with their run at the latest. */
export interface SubStepStore {
  /** What a node has kept since it began behind `step`, by key. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  of(node: Pick<SubStep, "runId" | "place" | "step">): Promise<ReadonlyMap<string, string | null>>;
  /**
   * `stale` when another attempt owns the run, or nobody does: nothing is kept then. The same again changes nothing.
   * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_RUN_UNSTORABLE
   */
  keep(subStep: SubStep & { readonly attempt: number }): Promise<"kept" | "stale">;
  /** Drops what was kept before this write of the run. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  forget(run: { readonly runId: RunId; readonly beforeStep: number }): Promise<void>;
}
