import type { Slots } from "@openvibe/bus";

/** Counts how many runs of one operator may be in this process's hands at a time. */
export class SlotCounter implements Slots {
  readonly size: number;
  #busy = 0;
  #paused = false;
  readonly #waiting = new Set<() => void>();

  constructor(size: number) {
    this.size = size;
  }

  /** May fall below 0 inside: a run that comes back from an ask goes on at once. */
  get free(): number {
    return this.#paused ? 0 : Math.max(0, this.size - this.#busy);
  }

  get busy(): number {
    return this.#busy;
  }

  acquire(): void {
    this.#busy++;
  }

  release(): void {
    this.#busy--;
    this.#tell();
  }

  /** While paused nothing is free: nothing new is taken. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#tell();
  }

  /** Resolves as soon as one is free, or when the signal aborts. Takes none: who is not alone in waiting uses `acquireWhenFree`. */
  async whenFree(signal: AbortSignal): Promise<void> {
    while (this.free === 0 && !signal.aborted) await this.#change(signal);
  }

  /** Takes one as soon as one is free; `false` when the signal aborts before. */
  async acquireWhenFree(signal: AbortSignal): Promise<boolean> {
    while (this.free === 0 && !signal.aborted) await this.#change(signal);
    if (signal.aborted) return false;
    this.acquire(); // in the same turn as the look: nobody comes between
    return true;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      this.#waiting.add(done);
    });
  }

  #tell(): void {
    if (this.free === 0) return;
    for (const resolve of [...this.#waiting]) resolve();
  }
}
