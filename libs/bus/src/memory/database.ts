import type { DatabaseSync } from "node:sqlite";
import { isOpenVibeError, messageOf, OpenVibeError } from "@openvibe/core";

/** Position and revision are AUTOINCREMENT: SQLite never gives the number of a deleted row again. */
const TABLES = `
CREATE TABLE IF NOT EXISTS bus_events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  operator_id TEXT,
  run_id TEXT,
  type TEXT NOT NULL,
  terminal INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS bus_events_run ON bus_events (run_id, position) WHERE run_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS bus_events_terminal ON bus_events (run_id) WHERE terminal = 1;
CREATE TABLE IF NOT EXISTS bus_buckets (name TEXT PRIMARY KEY, ttl_ms INTEGER, epoch TEXT) STRICT;
CREATE TABLE IF NOT EXISTS bus_entries (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT,
  updated_at INTEGER NOT NULL,
  UNIQUE (bucket, key)
) STRICT;
CREATE TABLE IF NOT EXISTS bus_changes (
  revision INTEGER PRIMARY KEY,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT,
  updated_at INTEGER NOT NULL,
  written_by TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS bus_changes_bucket ON bus_changes (bucket, revision);
CREATE INDEX IF NOT EXISTS bus_changes_key ON bus_changes (bucket, key, revision);
CREATE TABLE IF NOT EXISTS bus_dead_letters (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  operator_id TEXT,
  reason TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
`;

/** Makes the bus's tables beside whatever else the database holds. @throws OpenVibeError OV_BUS_UNAVAILABLE */
export function createTables(database: DatabaseSync): void {
  guarded("the bus's tables cannot be made", () => {
    database.exec(TABLES);
    addWriters(database);
    addEpochs(database);
  });
}

/** A database that was made before changes told who wrote them has no column for it. */
function addWriters(database: DatabaseSync): void {
  if (!hasColumn(database, "bus_changes", "written_by")) database.exec("ALTER TABLE bus_changes ADD COLUMN written_by TEXT");
}

/** Nor had buckets an epoch, which each gets when it is next used. */
function addEpochs(database: DatabaseSync): void {
  if (!hasColumn(database, "bus_buckets", "epoch")) database.exec("ALTER TABLE bus_buckets ADD COLUMN epoch TEXT");
}

function hasColumn(database: DatabaseSync, table: string, column: string): boolean {
  return database.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?").get(table, column) !== undefined;
}

/** Runs all of `work` or nothing. It must not await: the connection belongs to the store as well. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  const nested = database.isTransaction;
  database.exec(nested ? "SAVEPOINT bus" : "BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec(nested ? "RELEASE bus" : "COMMIT");
    return result;
  } catch (error) {
    // A full disk ends the transaction by itself.
    if (database.isOpen && database.isTransaction) database.exec(nested ? "ROLLBACK TO bus; RELEASE bus" : "ROLLBACK");
    throw error;
  }
}

const SQLITE_FULL = 13;

/** @throws OpenVibeError OV_BUS_FULL, OV_BUS_UNAVAILABLE with what SQLite threw as cause */
export function guarded<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (isOpenVibeError(cause)) throw cause;
    const full = cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_FULL;
    throw new OpenVibeError(full ? "OV_BUS_FULL" : "OV_BUS_UNAVAILABLE", `${what}: ${messageOf(cause)}`, { cause });
  }
}
