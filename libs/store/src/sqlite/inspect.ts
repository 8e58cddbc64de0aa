import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { OperatorManifest } from "@openvibe/core";
import { NEWEST } from "../migrations/index.ts";
import { toOpenError } from "./failures.ts";

/** What a SQLite store's file says, read without changing it. */
export interface SqliteFacts {
  readonly path: string;
  /** A file that is not there is made at the first start. */
  readonly exists: boolean;
  readonly schema: { readonly found: number; readonly newest: number };
  readonly manifests: readonly OperatorManifest[];
}

/** Takes the lock that a server would hold, for a moment. @throws OpenVibeError OV_STORE_IN_USE, OV_STORE_SCHEMA, OV_STORE_UNAVAILABLE */
export function inspectSqlite(given: string): SqliteFacts {
  const path = resolve(given);
  if (!existsSync(path)) return { path, exists: false, schema: { found: 0, newest: NEWEST }, manifests: [] };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE");
    const found = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    const manifests = found === 0 || found > NEWEST ? [] : readManifests(database);
    database.exec("ROLLBACK");
    return { path, exists: true, schema: { found, newest: NEWEST }, manifests };
  } catch (error) {
    throw toOpenError(error, path);
  } finally {
    database?.close();
  }
}

/** Of a newer program's schema nothing is known. */
function readManifests(database: DatabaseSync): readonly OperatorManifest[] {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'manifests'").get() === undefined) return [];
  const rows = database.prepare("SELECT operator_id, manifest FROM manifests ORDER BY registered_at, version").all();
  const newest = new Map(rows.map(({ operator_id, manifest }) => [String(operator_id), String(manifest)]));
  return [...newest.values()].map((manifest) => JSON.parse(manifest) as OperatorManifest);
}
