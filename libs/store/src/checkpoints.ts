import type { RunId } from "@openvibe/core";

/** Who writes: of an attempt that does not own the run any more nothing is kept. */
export interface CheckpointOwner {
  readonly runId: RunId;
  readonly attempt: number;
}

/** Where in a run's checkpoints: a thread has a namespace per nested graph, the outermost being `""`. */
export interface CheckpointPlace {
  readonly threadId: string;
  readonly namespace: string;
}

/** A checkpoint as LangGraph's saver keeps it. The texts are JSON that only the saver reads. */
export interface StoredCheckpoint extends CheckpointPlace {
  /** Later ones are greater, compared byte by byte. */
  readonly checkpointId: string;
  readonly parentId: string | null;
  readonly checkpoint: string;
  /** What the channels held that changed with it. */
  readonly channels: string;
  readonly metadata: string;
}

/** What one task of a superstep wrote, kept until the superstep's own checkpoint is there. */
export interface StoredWrite extends CheckpointPlace {
  readonly checkpointId: string;
  readonly taskId: string;
  readonly taskPath: string;
  /** Counts a task's writes. Below 0 stand those that a task has once (an error, a question, an answer): the newest counts, of others the first. */
  readonly index: number;
  readonly write: string;
}

/**
 * Checkpoints of the graphs that a run's steps bring: each is one statement, which compares the run's attempt, so that the graph of a worker that has
 * lost the run writes nothing. They are purged with their run.
 */
export interface CheckpointStore {
  /** `false`: this attempt does not own the run (any more). The same one again takes the old one's place. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_RUN_UNSTORABLE */
  put(owner: CheckpointOwner, checkpoint: StoredCheckpoint): Promise<boolean>;
  /** At most `MAX_WRITES`, all or none. `false` as above. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_RUN_UNSTORABLE */
  putWrites(owner: CheckpointOwner, writes: readonly StoredWrite[]): Promise<boolean>;
  /** A run's checkpoints, of one place if it is given, newest first. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  list(runId: RunId, place?: Partial<CheckpointPlace>): Promise<readonly StoredCheckpoint[]>;
  /** Their writes, in no order. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  writes(runId: RunId, place?: Partial<CheckpointPlace>): Promise<readonly StoredWrite[]>;
  /** @throws OpenVibeError OV_STORE_UNAVAILABLE */
  deleteThread(runId: RunId, threadId: string): Promise<void>;
}

/** In one call. */
export const MAX_WRITES = 100;
