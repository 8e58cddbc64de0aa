import type { OperatorId, RunId } from "@openvibe/core";

/** A time at which a trigger starts a run. */
export interface Slot {
  readonly operatorId: OperatorId;
  readonly triggerId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Makes the slot's run, or finds the one that it has (then it `isNew` no more): whoever implements it keeps that there is one (the insert is the claim, DESIGN §6 rule 1).
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BACKLOG_FULL: asked again; any other: the slot cannot have a run
 */
export type StartSlot = (slot: Slot) => Promise<{ readonly runId: RunId; readonly isNew: boolean }>;

/** What became of slots whose time has come: a run, or none because nothing looked in time (`missed`) or because there cannot be one (`refused`). */
export interface PassedSlots {
  readonly operatorId: OperatorId;
  readonly triggerId: string;
  readonly outcome: "started" | "missed" | "refused";
  readonly count: number;
}

/** Told of each slot once, by one of those who look at the same store. */
export interface SlotObserver {
  slotsPassed(passed: PassedSlots): void;
}

/** Starts runs when their time has come. Any number may look at the same store: a slot has one run all the same. */
export interface Scheduler extends AsyncDisposable {
  /**
   * One look at the clock: follows what the store's operators ask for now, and starts what is due. A new trigger begins with its next slot. Whoever
   * composes calls it every second, one call after the other; one that failed is made good by the next.
   * @throws OpenVibeError OV_STORE_UNAVAILABLE
   */
  look(): Promise<void>;
}
