import type { Migration } from "./ddl.ts";

/** SQL for a column's value. */
type ValueOf = (column: string) => string;

/** What `expires_at` and `listed_as` follow from, and how. */
export const toExpiresAt = (of: ValueOf) => `CASE WHEN ${of("completed_at")} IS NULL THEN ${of("deadline")} END`;
export const toListedAs = (of: ValueOf) =>
  `CASE WHEN ${of("purged_at")} IS NOT NULL THEN 'purged'
    WHEN ${of("look_at")} IS NULL OR (${of("due_at")} IS NOT NULL AND ${of("unsent_since")} IS NULL) THEN ${of("status")} ELSE 'live' END`;

/** The columns of the row itself. */
export const EXPIRES_AT = toExpiresAt((column) => column);
export const LISTED_AS = toListedAs((column) => column);

/**
 * What lists of runs walk along, and deadlines. `listed_as` is the status of a run at rest (waiting or ended, its events sent) and `live` before that:
 * it changes only together with `look_at`, or where a timer wakes the run, so that claims, steps and terminal writes still touch no indexed column (sql/looking.ts).
 */
export const lists: Migration = {
  version: 3,
  statements: ({ table, id, time, changing, generated, keepTags }) => [
    `ALTER TABLE ${table("runs")} ADD COLUMN deadline ${time}`,
    `ALTER TABLE ${table("runs")} ADD COLUMN expires_at ${time} GENERATED ALWAYS AS (${EXPIRES_AT}) ${generated}`,
    `ALTER TABLE ${table("runs")} ADD COLUMN listed_as ${id} GENERATED ALWAYS AS
      (${LISTED_AS}) ${generated}`,
    // Partial, so that no planner takes it for a walk that names a status: it would pass over the operator's every run there.
    `DROP INDEX ${table("runs_operator_created")}`,
    `CREATE INDEX runs_operator_created ON ${table("runs")} (operator_id, created_at, run_id) WHERE listed_as <> 'purged'`,
    `CREATE INDEX runs_listed ON ${table("runs")} (listed_as, created_at, run_id)`,
    `CREATE INDEX runs_operator_listed ON ${table("runs")} (operator_id, listed_as, created_at, run_id)`,
    `CREATE INDEX runs_expires ON ${table("runs")} (expires_at) WHERE expires_at IS NOT NULL`,
    `CREATE TABLE ${table("run_tags")} (
      run_id ${id} NOT NULL,
      key ${id} NOT NULL,
      value ${id} NOT NULL,
      created_at ${time} NOT NULL,
      PRIMARY KEY (run_id, key)
    ) ${changing}`,
    `CREATE INDEX run_tags_listed ON ${table("run_tags")} (key, value, created_at, run_id)`,
    ...keepTags(),
  ],
};
