import type { Clock, RunId } from "@openvibe/core";

/** Remembers runs that the store did not know when their wake-up came: their INSERT may still be on its way, so the wake-up gets a second chance. */
export class UnknownRuns {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #met = new Map<RunId, number>();

  /** What is not met again within `keepMs` is forgotten: the second delivery went to another worker, or the run came. */
  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
  }

  /** `first`, or `again` within the time; after that the run is forgotten. */
  meet(runId: RunId): "first" | "again" {
    const now = this.#clock.now();
    for (const [met, at] of this.#met) {
      if (at >= now - this.#keepMs) break; // in the order in which they were met
      this.#met.delete(met);
    }
    if (this.#met.delete(runId)) return "again";
    this.#met.set(runId, now);
    return "first";
  }

  get size(): number {
    return this.#met.size;
  }
}
