import { toExpiresAt, toListedAs } from "../migrations/003-lists.ts";
import type { Dialect } from "./dialect.ts";

type Changed = Readonly<Record<string, string>>;

const LISTED_BY = ["purged_at", "look_at", "due_at", "unsent_since", "status"];
const EXPIRES_BY = ["completed_at", "deadline"];

/**
 * What stands after SET in an UPDATE of `runs`: columns and their new values, and with them `listed_as` and `expires_at`, which follow from others
 * (migrations/003-lists.ts). Where the database does not work these two out, every statement that may change one of them says it, here or with the given columns.
 *
 * Statements that do without this, since what they set changes neither:
 * - claim, park, release, sweep of what is stuck: the run is queued or running before and after. Such a one has a `look_at` (looking.ts), which they
 *   only move, and no `due_at`, so that it is `live`; it is not completed.
 * - sweep of what is unsent: moves an `unsent_since` that was no NULL.
 * - adopt: sets none of the columns they follow from.
 */
export function setting(dialect: Dialect, { listed_as, expires_at, ...columns }: Changed): string {
  /** What stands in a column after the statement. */
  const after = (column: string) => (columns[column] === undefined ? `runs.${column}` : `(${columns[column]})`);
  const changes = (sources: readonly string[]) => sources.some((column) => Object.hasOwn(columns, column));
  const followed = {
    ...(changes(LISTED_BY) ? { listed_as: listed_as ?? toListedAs(after) } : {}),
    ...(changes(EXPIRES_BY) ? { expires_at: expires_at ?? toExpiresAt(after) } : {}),
  };
  return Object.entries({ ...columns, ...(dialect.setsListed ? followed : {}) })
    .map(([column, value]) => `${column} = ${value}`)
    .join(", ");
}
