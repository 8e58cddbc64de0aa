import type { Migration } from "./ddl.ts";

export const eventData: Migration = {
  version: 4,
  statements: ({ table, id, time, calm }) => [
    `CREATE TABLE ${table("event_data")} (
      run_id ${id} NOT NULL,
      sequence integer NOT NULL,
      operator_id ${id} NOT NULL,
      stored_at ${time} NOT NULL,
      data text NOT NULL,
      PRIMARY KEY (run_id, sequence)
    ) ${calm}`,
    `CREATE INDEX event_data_stored ON ${table("event_data")} (stored_at)`,
  ],
};
