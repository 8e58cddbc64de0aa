import type { RunId } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";

/** Far below the 5 s after which the sweep takes unmarked events for unsent. */
const GATHER_MS = 200;

/**
 * Says of many runs at once that their events are in the log. Nobody waits for that, and it would be a write of its own per run: gathered, a
 * statement takes what a fifth of a second brings. What is lost with the process is found by the sweep.
 */
export class SentMarks implements AsyncDisposable {
  readonly #runs: Pick<RunStore, "markSent">;
  readonly #gathered = new Map<RunId, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: Pick<RunStore, "markSent">) {
    this.#runs = runs;
  }

  /** All events of the run up to `sequence` are in the log. */
  add(runId: RunId, sequence: number): void {
    this.#gathered.set(runId, sequence);
    this.#timer ??= setTimeout(() => void this.#write(), GATHER_MS);
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const marks = [...this.#gathered];
    this.#gathered.clear();
    await Promise.allSettled(marks.map(([runId, sequence]) => this.#runs.markSent({ runId, sequence })));
  }

  /** Writes what is gathered. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#write();
  }
}
