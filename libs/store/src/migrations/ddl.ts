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
  /** Whether what a run was given stands before the columns that change. */
  readonly givenFirst: boolean;
  /** How a column that follows from others is kept, where it is added to a table. */
  readonly generated: string;
  /** Statements after which such a column is an ordinary one that keeps its values, where the database can and statements set it. */
  dropExpression(table: string, column: string): readonly string[];
  /** Statements after which `run_tags` follows `runs`, where statements do not see to it themselves (`Dialect.keepingTags`, `forgettingTags`). */
  keepTags(): readonly string[];
  /** Statements after which a table's rows go with their run, where statements do not see to it themselves (`Dialect.forgetting`). */
  forgetWithRun(name: string): readonly string[];
}

export interface Migration {
  /** Counts from 1. A migration that was released is never changed. */
  readonly version: number;
  statements(ddl: Ddl): readonly string[];
}
