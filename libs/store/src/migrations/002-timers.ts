import type { Migration } from "./ddl.ts";

/** When a waiting run is to be woken. The sweep finds it by `look_at`, so that no further index is needed. */
export const timers: Migration = {
  version: 2,
  statements: ({ table, time }) => [`ALTER TABLE ${table("runs")} ADD COLUMN due_at ${time}`],
};
