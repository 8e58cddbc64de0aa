import type { Connection } from "./connection.ts";
import { Fifo } from "./fifo.ts";
import type { Delivery, Slots } from "./work-queue.ts";

export interface TakingOptions {
  readonly link: Pick<Connection, "closed" | "closing"> & { track<T>(work: Promise<T>): Promise<T> };
  readonly slots: Slots;
  /** Ends it, as does the end of the bus. */
  readonly signal: AbortSignal;
}

/** What is particular to a broker. */
export interface TakingParts<Arrived> {
  /** Called when nothing is there; resolves when something may be, or when the taking is over. */
  readonly askForMore: () => Promise<void>;
  /** Gives back what there is no slot for. */
  readonly putBack: (arrived: Arrived) => void;
  /** `undefined` for what is none of ours, which is settled with that. */
  readonly toDelivery: (arrived: Arrived) => Delivery | undefined;
  /** Ends what is asked for, then puts back what has arrived. Called once. */
  readonly end: () => Promise<void>;
}

/** One loop of `take`, as it is for every broker: what has arrived is yielded while slots are free, and the end comes at once, also while the caller is busy. */
export class Taking<Arrived> {
  readonly arrived = new Fifo<Arrived>();
  readonly #options: TakingOptions;
  readonly #parts: TakingParts<Arrived>;
  #closing: Promise<void> | undefined;

  constructor(options: TakingOptions, parts: TakingParts<Arrived>) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Nothing is yielded any more: what still arrives is to be put back. */
  get over(): boolean {
    return this.#closing !== undefined;
  }

  async *run(): AsyncGenerator<Delivery, void, void> {
    const { signal, link, slots } = this.#options;
    const { askForMore, putBack, toDelivery } = this.#parts;
    // At once, also while the caller is busy with what it was given.
    const close = () => void this.#close();
    const ends = [signal, link.closing];
    for (const end of ends) end.addEventListener("abort", close);
    if (ends.some((end) => end.aborted)) close();
    try {
      while (this.#closing === undefined && !link.closed) {
        const arrived = this.arrived.shift();
        if (arrived === undefined) await askForMore();
        else if (slots.free <= 0) putBack(arrived);
        else {
          const delivery = toDelivery(arrived);
          if (delivery !== undefined) yield delivery;
        }
      }
    } finally {
      for (const end of ends) end.removeEventListener("abort", close);
      await this.#close();
    }
  }

  /** Resolves when a slot is free, or when the taking is over. */
  async untilFree(): Promise<void> {
    const { slots, signal, link } = this.#options;
    try {
      await slots.whenFree(AbortSignal.any([signal, link.closing]));
    } catch (error) {
      if (this.#closing === undefined) throw error;
    }
  }

  #close(): Promise<void> {
    this.#closing ??= this.#options.link.track(this.#parts.end());
    return this.#closing;
  }
}
