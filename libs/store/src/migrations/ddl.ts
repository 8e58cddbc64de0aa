/** Where the two dialects' table definitions differ. */
export interface Ddl {
  table(name: string): string;
  /** Text that is compared and sorted by its bytes. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: string;
  /** Ends the definition of a table: of one whose rows change often, and of any other. */
  readonly changing: string;
  readonly calm: string;
}

export interface Migration {
  /** Counts from 1. A migration that was released is never changed. */
  readonly version: number;
  statements(ddl: Ddl): readonly string[];
}
