import type { Columns, Dialect, Given } from "./dialect.ts";

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;

/** One statement with parameters of its own. The name is unique in the store: a prepared statement is kept under it. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement over given rows, each with a `run_id`; it returns at most one row for each, with that `run_id`. */
export interface RowsStatement extends Statement {
  readonly columns: Columns;
  /** The same for one row as plain parameters, where that is another text: it runs in less time than over a list of one. */
  readonly one?: Statement & { readonly parameters: readonly string[] };
  /** What belongs to it where one statement cannot say both: done for a row that `text` has returned, or neither is done. */
  readonly besides?: string;
}

export function overRows(dialect: Dialect, name: string, columns: Columns, text: (given: Given) => string): RowsStatement {
  const rows = { name, columns, text: text(dialect.given(columns)) };
  const one = dialect.givenOne?.(columns);
  return one === undefined ? rows : { ...rows, one: { name: `${name}_one`, text: text(one.given), parameters: one.parameters } };
}
