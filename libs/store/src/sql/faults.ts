/** Rules taken out on purpose, so that the fault tests can show that they would notice. Never set outside of tests. */
export interface StoreFaults {
  /** `write` and `release` ignore the attempt. */
  readonly noAttemptCheck?: boolean;
  /** `claim` takes a running run from a live owner. */
  readonly noOwnerCheck?: boolean;
  /** `insert` keeps no origin: a cause claims nothing. */
  readonly noCauseCheck?: boolean;
  /** A run that another stored under its id is its own for whoever would have begun it. */
  readonly noBirthCheck?: boolean;
  /** Deliveries of webhooks are not kept. */
  readonly noDeliveries?: boolean;
  /** The sweep finds nothing. */
  readonly sweepNothing?: boolean;
}
