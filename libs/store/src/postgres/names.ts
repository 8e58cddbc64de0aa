import { OpenVibeError } from "@openvibe/core";

const SCHEMA = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** @throws OpenVibeError OV_CONFIG_INVALID */
export function parseSchema(schema: string): string {
  if (SCHEMA.test(schema)) return schema;
  throw new OpenVibeError(
    "OV_CONFIG_INVALID",
    `Postgres schema ${JSON.stringify(schema)} is not allowed: 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit`,
  );
}

/** A table with its schema, so that nothing depends on a search path. */
export function qualified(schema: string, table: string): string {
  return `"${schema}".${table}`;
}

/** Server and database of a connection string, without user and password. */
export function shownUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? "Postgres" : `Postgres ${parsed.host}${parsed.pathname}`;
}
