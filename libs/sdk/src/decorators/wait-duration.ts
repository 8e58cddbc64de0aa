/** What a `@node` method returns beside its fields to let time pass; no state field may have this name. */
export const WAIT_DURATION = "waitDuration";
