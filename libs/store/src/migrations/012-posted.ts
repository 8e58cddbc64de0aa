import type { Migration } from "./ddl.ts";

/** Operators that came over HTTP keep what they were made of, so that every worker can run them; `NULL` where code defines the operator. */
export const posted: Migration = {
  version: 12,
  statements: ({ table }) => [`ALTER TABLE ${table("manifests")} ADD COLUMN source text`],
};
