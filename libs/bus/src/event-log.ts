import type { OpenVibeEvent, OperatorId, RunId } from "@openvibe/core";

/** An event and where it lies in the log: positions grow from 1, those of a purged stretch are not used again. */
export interface LoggedEvent {
  readonly position: number;
  readonly event: OpenVibeEvent;
}

export interface EventFilter {
  readonly operatorId?: OperatorId;
  readonly runId?: RunId;
  /** Exact types, any of them. */
  readonly types?: readonly string[];
}

export interface LogBounds {
  /** Position of the oldest event kept; `last + 1` when the log is empty. */
  readonly first: number;
  /** Position of the newest event ever stored; 0 when none was. */
  readonly last: number;
}

/** Keeps every stored event in one order, for days, and tells listeners as it stores them. */
export interface EventLog {
  /**
   * Stores one event. Calls may overlap: those made in order by one caller are stored in that order. The event that ends a run (`isTerminalEventType`)
   * is stored exactly once per run as long as the log keeps it: a repeat gives `"already_there"`. Other events may be stored twice when asked twice.
   * @throws OpenVibeError OV_BUS_UNAVAILABLE (the outcome may be unknown), OV_BUS_FULL
   */
  append(event: OpenVibeEvent): Promise<"stored" | "already_there">;
  /** The newest event of a run in the log. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  lastOf(runId: RunId): Promise<LoggedEvent | undefined>;
  /** The event at a position; `undefined` where there is none (any more). @throws OpenVibeError OV_BUS_UNAVAILABLE */
  at(position: number): Promise<LoggedEvent | undefined>;
  bounds(): Promise<LogBounds>;
  /**
   * Events after a position, oldest first, up to the log's end at the time of the call; ends there.
   * @throws OpenVibeError OV_BUS_UNAVAILABLE
   */
  read(after: number, filter: EventFilter, signal: AbortSignal): AsyncIterable<LoggedEvent>;
  /**
   * Tells `hear` every event as it is stored. Best effort: a listener sees a jump in `position` when it missed some, and reads them with `read`.
   * Resolves once the listener is set up.
   */
  listen(hear: (logged: LoggedEvent) => void): Promise<Disposable>;
}
