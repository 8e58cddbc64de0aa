/** Events from outside that are in the log: whoever sends one again, with the same id, is told that it is there. Known for 8 days. */
export interface OutsideEventStore {
  /** Which of these ids are known. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Says that they are in the log. */
  record(ids: readonly string[]): Promise<void>;
}
