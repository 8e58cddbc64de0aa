import type { OperatorId, RunId } from "@openvibe/core";

/** What is kept of a trigger that the clock fires. Times are milliseconds since 1970, by the clock of whoever wrote them. */
export interface StoredSchedule {
  readonly operatorId: OperatorId;
  readonly triggerId: string;
  /** The trigger, as its manifest has it: another one is another schedule. */
  readonly on: string;
  /** Slots up to this time are done with: they have their run, or shall have none. */
  readonly settledUpto: number;
  /** Since when nothing is started; `null` while it runs. */
  readonly pausedAt: number | null;
  /** The newest slot that has a run, and that run. */
  readonly lastSlot: number | null;
  readonly lastRunId: RunId | null;
}

type Key = Pick<StoredSchedule, "operatorId" | "triggerId">;
type KeyAndTrigger = Key & Pick<StoredSchedule, "on">;

/** Where each trigger that the clock fires has come to. It bounds what is looked at; that a slot has one run is kept by the runs' origins. */
export interface ScheduleStore {
  /** By operator and trigger. */
  list(): Promise<readonly StoredSchedule[]>;
  /** Begins a schedule that is not there, or that was another one: slots up to `at` are none of its own. Changes nothing else of it. */
  begin(schedule: KeyAndTrigger & { readonly at: number }): Promise<void>;
  /**
   * Says that slots up to `upto` are done with, and which run the newest has; never goes back, and says nothing of another schedule. Gives whether it was
   * news: of several who say the same one is told so, or none after a lost answer.
   */
  settle(schedule: KeyAndTrigger & { readonly upto: number; readonly runId?: RunId }): Promise<boolean>;
  /** Stops it, also one that nobody has begun yet. Paused again it stays so since the first time. */
  pause(schedule: KeyAndTrigger & { readonly at: number }): Promise<void>;
  /** Lets it go on: slots up to `at` are done with. */
  resume(schedule: Key & { readonly at: number }): Promise<void>;
  /** Removes a schedule that stands as it is given, and is not paused: a pause is somebody's decision. */
  forget(schedule: StoredSchedule): Promise<void>;
}
