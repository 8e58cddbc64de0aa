import type { Migration } from "./ddl.ts";

/**
 * On Postgres `listed_as` and `expires_at` are ordinary columns from here on, which the statements set (sql/setting.ts): Postgres parses a generated column's
 * expression anew for every statement that writes the table, a tenth of its CPU per run, though claims and steps change neither.
 */
export const listedByStatements: Migration = {
  version: 15,
  statements: ({ dropExpression }) => ["listed_as", "expires_at"].flatMap((column) => dropExpression("runs", column)),
};
