import type { RunId } from "@openvibe/core";
import type { RingEntry } from "./ring-entry.ts";

/** Hears the log as it grows. Both calls must return at once: the hub waits for nobody. */
export interface HubListener {
  offer(entry: RingEntry): void;
  /** Nothing more is offered: everything up to `last` was, what follows is to be found again by position. */
  interrupt(last: number): void;
}

/** Who hears what: those of one run are kept by run, so that two thousand of them cost an event of another run nothing. */
export class HubListeners {
  readonly #all = new Set<HubListener>();
  readonly #byRun = new Map<RunId, Set<HubListener>>();

  attach(listener: HubListener, runId: RunId | undefined): () => void {
    if (runId === undefined) {
      this.#all.add(listener);
      return () => void this.#all.delete(listener);
    }
    const ofRun = this.#byRun.get(runId) ?? new Set();
    this.#byRun.set(runId, ofRun.add(listener));
    return () => {
      ofRun.delete(listener);
      if (ofRun.size === 0 && this.#byRun.get(runId) === ofRun) this.#byRun.delete(runId);
    };
  }

  tell(entry: RingEntry): void {
    for (const listener of this.#all) listener.offer(entry);
    if (entry.runId !== null) for (const listener of this.#byRun.get(entry.runId) ?? []) listener.offer(entry);
  }

  interrupt(last: number): void {
    const listeners = [...this.#all, ...[...this.#byRun.values()].flatMap((ofRun) => [...ofRun])];
    this.#all.clear();
    this.#byRun.clear();
    for (const listener of listeners) listener.interrupt(last);
  }
}
