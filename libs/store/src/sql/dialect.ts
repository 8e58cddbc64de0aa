/** Where SQLite and Postgres differ; in all else the texts agree. Parameters are written `$1`, `$2`, … in the order of the values. */
export interface Dialect {
  /** A table as it stands after INTO, FROM and UPDATE; everywhere else its bare name is used. */
  table(name: string): string;
  /** Milliseconds since 1970 by the store's clock. */
  readonly now: string;
  /** The same, of the statement's beginning: one value for all rows, so that an index can be entered with it. */
  readonly begun: string;
  /** Whether the process that holds the row of `runs` is silent, as judged for the owner that the expression `judge` names. */
  heldInSilence(judge: string): string;
  /** Whether a row of `workers` is of a process that fell silent this long ago. */
  silentFor(ms: number): string;
  /** Ends a SELECT that picks rows to change: what another process is changing is passed over. */
  readonly skipLocked: string;
  /** The same, where the rows are of another table than `runs`. */
  skipLockedOf(table: string): string;
  /** The rows of a JSON list of objects, which is a parameter, as `given` with these columns: what stands after FROM. */
  rowsOf(parameter: string, columns: Readonly<Record<string, ColumnType | "bigint">>): string;
  /** Whether statements set `listed_as` and `expires_at` (setting.ts); elsewhere the database works them out. */
  readonly setsListed: boolean;
  /** An INSERT into `runs`, ending with what it returns, made to put the runs' tags into `run_tags` as well. */
  keepingTags(insert: string): string;
  /** Follows `WITH picked AS (…)` in a statement that deletes or empties the picked runs: their tags go, too. */
  readonly forgettingTags: string;
  /** The same for their rows in another table. */
  forgetting(name: string): string;
  /** Ends a SELECT of runs that are not to change before the statement has. */
  readonly holding: string;
  /** Rows from outside as a source for one statement (Postgres), or one row as its parameters (SQLite). */
  given(columns: Columns): Given;
  /** One row as the parameters of a statement of its own: the columns that its text has named, in that order. Absent where `given` says it already. */
  readonly givenOne?: (columns: Columns) => { readonly given: Given; readonly parameters: readonly string[] };
  /** For each row that an UPDATE of `runs` changes, adds one with its id and these given columns where there is none: both or neither. */
  changeAndAdd(
    update: string,
    into: string,
    columns: readonly string[],
    given: Given,
  ): { readonly text: string; readonly besides?: string };
}

export type ColumnType = "text" | "integer";
/** Names and types of what a statement is given per row, in the order of its parameters. */
export type Columns = Readonly<Record<string, ColumnType>>;

export interface Given {
  /** A column of the given rows. */
  of(column: string): string;
  /** `FROM …` for INSERT … SELECT and UPDATE; empty where the row is the parameters. */
  readonly from: string;
  /** What a SELECT appends to its own FROM. */
  readonly join: string;
}
