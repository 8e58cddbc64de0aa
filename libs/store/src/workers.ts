import type { Logger, OwnerId } from "@openvibe/core";

export interface BeatOptions {
  readonly owner: OwnerId;
  readonly logger: Logger;
  /** How long the main thread may stand still before the process is ended with SIGKILL; 60,000 by default. */
  readonly maxBlockedMs?: number;
}

/** Who is alive, by the store's clock. */
export interface WorkerStore {
  /**
   * Beats one row every second, from a thread of its own where other processes judge by it, so that a blocked event loop still beats; the thread also
   * watches the main thread and ends the process when that stood still for `maxBlockedMs`. Resolves after the first beat. Disposing ends the beat and
   * removes the row.
   */
  beat(options: BeatOptions): Promise<AsyncDisposable>;
}
