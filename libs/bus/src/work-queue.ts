import type { OperatorId, WakeUp } from "@openvibe/core";

/** Carries wake-ups to workers: each to one worker at a time, at least once. Order is not promised. */
export interface WorkQueue {
  /**
   * Resolves once the wake-up is stored, or says that one with the same operator, kind, run and number already lies there.
   * Never uses a msgID: a repeat after the first was done must be stored again.
   * @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_BUS_FULL
   */
  publish(wakeUp: WakeUp): Promise<"stored" | "already_there">;
  /**
   * Takes as many wake-ups as `slots` has free, at each moment. Ends when `signal` aborts: the open fetch is ended first, and what still
   * arrives is put back at once. What was yielded stays the caller's to settle. Outages of the bus are waited out, not thrown.
   */
  take(operatorId: OperatorId, slots: Slots, signal: AbortSignal): AsyncIterable<Delivery>;
}

/** How many wake-ups the taker can hold more. */
export interface Slots {
  readonly free: number;
  /** Resolves as soon as at least one is free. */
  whenFree(signal: AbortSignal): Promise<void>;
}

/** A wake-up in a worker's hands. Not settled and not extended within the queue's `holdMs`, it is delivered again. Settling twice is fine. */
export interface Delivery {
  readonly wakeUp: WakeUp;
  /** Keeps it for another `holdMs`. Never throws: a lost extension shows as a second delivery. */
  extend(): void;
  /** Gives it back, to be delivered again after `delayMs`. Never throws. */
  release(delayMs: number): void;
  /** Ends it: it is not delivered again, as far as the queue can help it. Never throws. */
  done(): void;
}

/** Without an extension a wake-up is delivered again after this. */
export const HOLD_MS = 5_000;
