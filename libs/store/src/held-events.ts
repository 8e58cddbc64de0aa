import type { OpenVibeEvent, OperatorId, Pacing, RunId } from "@openvibe/core";

/** An event that meets a trigger which does not start a run for each. */
export interface EventToHold {
  readonly operatorId: OperatorId;
  readonly triggerId: string;
  readonly event: OpenVibeEvent;
  /** Events in a row that led to the run, this one counted. */
  readonly hops: number;
  /** Its place among the trigger's events: they are taken in this order. */
  readonly place: number;
  readonly pacing: Pacing;
  /** Events of one trigger and key are counted together. */
  readonly key: string;
  /** The cause that a run of this event alone would have: where there is one, the event is not held. */
  readonly origin: string;
}

/** Events that belong to a run which may not be there yet. */
export interface TakenEvents {
  readonly runId: RunId;
  readonly operatorId: OperatorId;
  readonly triggerId: string;
  readonly hops: number;
  /** In order; of a debounced run the last one alone. */
  readonly events: readonly OpenVibeEvent[];
  readonly isBatch: boolean;
}

export interface UnderWay {
  readonly operatorId: OperatorId;
  readonly runId: RunId;
}

/**
 * Events between their arrival and their run. An event is held once for each trigger, and belongs to one run or to none: which is decided by one statement
 * (`take`), by the store's clock, whoever asks and however many.
 */
export interface HeldEventStore {
  /** Whether no event is held, and no run is under way that others may have to wait for: then there is nothing to take. */
  isEmpty(): Promise<boolean>;
  /** Holds it, unless it is known already. @throws OpenVibeError OV_RUN_UNSTORABLE */
  hold(event: EventToHold): Promise<void>;
  /** Gives the events whose time has come to new runs; gives how many runs. At most `limit`: as many as that means that there may be more. */
  take(request: { readonly limit: number; readonly newRunId: () => RunId }): Promise<number>;
  /** Events that were taken, and of which nobody has said that their run is there: the oldest runs first. */
  findTaken(limit: number): Promise<readonly TakenEvents[]>;
  /** Says that the run is there, or that it shall not be. */
  settle(runId: RunId): Promise<void>;
  /**
   * Counts a start that was asked for, where fewer than `limit` were within the last `perMs`; gives 0, or after how many milliseconds the next one is free. Of any
   * number of callers no more than `limit` are let through.
   */
  admit(request: {
    readonly operatorId: OperatorId;
    readonly triggerId: string;
    readonly key: string;
    readonly limit: number;
    readonly perMs: number;
  }): Promise<number>;
  /** Lets those go whose run has ended, and skips what came to a singleton meanwhile. */
  tidy(): Promise<void>;
  /** Runs under way that a newer event has to follow: they are to be cancelled. */
  findSuperseded(limit: number): Promise<readonly UnderWay[]>;
  /** The soonest time, by the store's clock, at which events are to be taken because time has passed. For tests. */
  nextDue(): Promise<number | undefined>;
}
