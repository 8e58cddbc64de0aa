import type { Migration } from "./ddl.ts";

/** What code within a node has come to, until the node is committed: `step` tells this visit of the node from an earlier one. */
export const subSteps: Migration = {
  version: 6,
  statements: ({ table, id, calm, forgetWithRun }) => [
    `CREATE TABLE ${table("sub_steps")} (
      run_id ${id} NOT NULL,
      place ${id} NOT NULL,
      key ${id} NOT NULL,
      step integer NOT NULL,
      result text,
      PRIMARY KEY (run_id, place, key)
    ) ${calm}`,
    ...forgetWithRun("sub_steps"),
  ],
};
