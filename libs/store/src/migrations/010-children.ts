import type { Migration } from "./ddl.ts";

/** The children of a run. Runs without a parent are not in this index, and no claim, step or end changes a column of it. */
export const children: Migration = {
  version: 10,
  statements: ({ table }) => [
    `CREATE INDEX runs_parent ON ${table("runs")} (parent_run_id, created_at, run_id) WHERE parent_run_id IS NOT NULL`,
  ],
};
