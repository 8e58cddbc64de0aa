import type { Migration } from "./ddl.ts";

/** History: one row per write that ended steps, appended with that write and never changed. And the trace a run belongs to. */
export const steps: Migration = {
  version: 5,
  statements: ({ table, id, calm, forgetWithRun }) => [
    `CREATE TABLE ${table("steps")} (
      run_id ${id} NOT NULL,
      step integer NOT NULL,
      records text NOT NULL,
      PRIMARY KEY (run_id, step)
    ) ${calm}`,
    `ALTER TABLE ${table("runs")} ADD COLUMN traceparent text`,
    ...forgetWithRun("steps"),
  ],
};
