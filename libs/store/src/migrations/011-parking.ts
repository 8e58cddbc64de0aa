import type { Migration } from "./ddl.ts";

/**
 * Why a queued run is taken by no worker, and what a rerun does otherwise. The index holds the runs that were ever parked; its columns change only with
 * `parked`, so that claims, steps and terminal writes leave it alone (on Postgres: HOT).
 */
export const parking: Migration = {
  version: 11,
  statements: ({ table }) => [
    `ALTER TABLE ${table("runs")} ADD COLUMN parked text`,
    `ALTER TABLE ${table("runs")} ADD COLUMN overrides text`,
    `CREATE INDEX runs_parked ON ${table("runs")} (operator_id, run_id) WHERE parked IS NOT NULL`,
  ],
};
