import type { Migration } from "./ddl.ts";

/** Where each trigger that the clock fires has come to, and whether somebody has paused it. */
export const schedules: Migration = {
  version: 13,
  statements: ({ table, id, time, changing }) => [
    `CREATE TABLE ${table("schedules")} (
      operator_id ${id} NOT NULL,
      trigger_id ${id} NOT NULL,
      trigger_on text NOT NULL,
      settled_upto ${time} NOT NULL,
      paused_at ${time},
      last_slot ${time},
      last_run_id ${id},
      PRIMARY KEY (operator_id, trigger_id)
    ) ${changing}`,
  ],
};
