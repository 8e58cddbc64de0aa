/** How long things may take, in milliseconds. */
export interface Timeouts {
  /** Until a connection stands or one of the pool is free; 5,000 by default. */
  readonly connectMs?: number;
  /** One statement, on either side of the connection; 10,000 by default. */
  readonly statementMs?: number;
  /** A call that may be given up is asked again this long while Postgres does not answer; 10,000 by default. */
  readonly callerMs?: number;
  /** The same for the writes of a run's owner, and for opening; 30,000 by default. */
  readonly ownerMs?: number;
}

export const DEFAULT_TIMEOUTS: Required<Timeouts> = { connectMs: 5_000, statementMs: 10_000, callerMs: 10_000, ownerMs: 30_000 };
