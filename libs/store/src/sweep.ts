import type { Outbox, OwnerId, PendingEvent, Run, RunError, WakeKind, WakeUp } from "@openvibe/core";

export type DueKind = Extract<WakeKind, "timer" | "retry">;

export const SWEEP_LIMIT = 500;

/** What a sweep finds (rule 6). Any number of replicas may sweep: each row is given to one of them at a time (SKIP LOCKED). */
export interface SweepStore {
  /**
   * Wake-ups to publish again: of runs `queued` for 5 s, then again after 10, 20, 60 s; of runs `running` without an owner, or with a silent one as
   * judged for `sweeper`. With `everything` the waiting spans are ignored (a store that is opened alone: every owner is dead).
   */
  findStuck(request: { readonly sweeper: OwnerId; readonly limit: number; readonly everything?: boolean }): Promise<readonly WakeUp[]>;
  /**
   * Wakes runs whose time has come (rule 2, kind `timer`, or `retry` where a node waits for its next attempt), each with `event` in its outbox; gives the
   * wake-ups to publish. Never before the time by the store's clock.
   */
  wakeDue(request: { readonly limit: number; readonly event: (kind: DueKind) => PendingEvent }): Promise<readonly WakeUp[]>;
  /**
   * The soonest time, by the store's clock, at which a run that waits is to be woken, or one that nobody runs is to end by its deadline. Looks at all runs
   * under way: for tests, which let time pass from one such moment to the next.
   */
  nextDue(): Promise<number | undefined>;
  /** Runs that nobody owns and whose events lie unsent for `olderThanMs`. */
  findUnsent(request: {
    readonly olderThanMs: number;
    readonly limit: number;
  }): Promise<readonly { readonly run: Run; readonly outbox: Outbox }[]>;
  /** Cancels runs whose cancel was asked for and whose owner is silent or absent (attempt + 1); gives them, for their events. */
  cancelOrphans(request: {
    readonly sweeper: OwnerId;
    readonly limit: number;
    readonly event: () => PendingEvent;
  }): Promise<readonly { readonly run: Run; readonly outbox: Outbox }[]>;
  /** Ends runs whose deadline is over and which no live owner holds (that one ends them itself): `timed_out`; gives them, for their events. */
  timeOutOverdue(request: {
    readonly sweeper: OwnerId;
    readonly limit: number;
    readonly error: RunError;
    readonly event: () => PendingEvent;
  }): Promise<readonly { readonly run: Run; readonly outbox: Outbox }[]>;
  /**
   * Deletes runs that ended longer than `keepMs` ago, by the store's clock, and whose events are sent; gives how many, at most `limit`: as many as that
   * means that there may be more. Keys and origins stay 8 days at least; a child stays while its parent is under way; `rerunOf` and `parentRunId` may name
   * a run that is gone. Versions of operators that were superseded as long ago, and that no run needs, go as well, rows of workers long dead, and data of events
   * after 8 days.
   */
  purge(request: { readonly keepMs: number; readonly limit: number }): Promise<number>;
}
