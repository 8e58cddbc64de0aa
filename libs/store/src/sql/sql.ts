import type { Dialect } from "./dialect.ts";
import type { Row, RowsStatement, SqlValue, Statement } from "./statement.ts";

/** `again`: an earlier try of the same statement may have taken effect, its answer was lost. */
export interface Answer {
  readonly row: Row | undefined;
  readonly again: boolean;
}

interface Answers {
  readonly rows: readonly Row[];
  readonly again: boolean;
}

export interface GroupOptions {
  /** How long it is asked again while the store does not answer: `owner` for the writes of a run's owner, which must not give up early. */
  readonly patience: "caller" | "owner";
  /** Calls for the same run may share one answer: for reads only. */
  readonly shared?: boolean;
}

/**
 * What the shared texts need of a database: both kinds of statements are asked again while that is safe and may help.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_RUN_UNSTORABLE (the database refuses the values)
 */
export interface Sql {
  readonly dialect: Dialect;
  /** Makes the call for one kind of statement: calls that are in flight together travel in groups. */
  grouped(statement: RowsStatement, options: GroupOptions): (row: Row) => Promise<Answer>;
  ask(statement: Statement, values: readonly SqlValue[]): Promise<Answers>;
}
