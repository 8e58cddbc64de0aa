import type { SlotCounter } from "./slots.ts";

const ASKING_COUNTS_MS = 100;

/**
 * The slot that one run counts in. While the run waits for other operators for longer than 100 ms it counts in none, so that operators may ask each
 * other in circles; it goes on at once when it is answered. Nor does it once its end is stored: what is left of it is to be told.
 */
export class RunSlot {
  readonly #slots: SlotCounter;
  #asks = 0;
  #freed = false;
  #left = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(slots: SlotCounter) {
    this.#slots = slots;
  }

  async whileAsking<T>(asking: Promise<T>): Promise<T> {
    if (this.#asks++ === 0 && !this.#left) this.#timer = setTimeout(() => this.#free(), ASKING_COUNTS_MS);
    try {
      return await asking;
    } finally {
      if (--this.#asks === 0 && !this.#left) this.#takeBack();
    }
  }

  /** The run's end is stored. */
  leave(): void {
    this.#left = true;
    clearTimeout(this.#timer);
    if (!this.#freed) this.#free();
  }

  /** The run is in this process's hands no more, perhaps before its answers came: from here on its slot is released by whoever acquired it. */
  close(): void {
    this.#left = true;
    this.#takeBack();
  }

  #free(): void {
    this.#freed = true;
    this.#slots.release();
  }

  #takeBack(): void {
    clearTimeout(this.#timer);
    if (this.#freed) this.#slots.acquire();
    this.#freed = false;
  }
}
