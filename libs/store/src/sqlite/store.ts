import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Clock, OpenVibeError, systemClock } from "@openvibe/core";
import { type Ddl, NEWEST, planMigrations } from "../migrations/index.ts";
import { createCheckpointStore } from "../sql/checkpoints.ts";
import { createChildStore } from "../sql/children.ts";
import { createDeliveryStore } from "../sql/deliveries.ts";
import { createEventDataStore } from "../sql/event-data.ts";
import { createEventWaitStore } from "../sql/event-waits.ts";
import { createHeldEventStore } from "../sql/held-events.ts";
import { createHistoryStore } from "../sql/history.ts";
import { createManifestStore } from "../sql/manifests.ts";
import { createOutsideEventStore } from "../sql/outside-events.ts";
import { createParkingStore } from "../sql/parking.ts";
import { createRunStore } from "../sql/run-store.ts";
import { createScheduleStore } from "../sql/schedules.ts";
import { createSettingStore } from "../sql/settings.ts";
import { createSubStepStore } from "../sql/sub-steps.ts";
import { createSubscriptionStore } from "../sql/subscriptions.ts";
import { createSweepStore } from "../sql/sweep.ts";
import type { Store } from "../store.ts";
import { toOpenError, toStoreError } from "./failures.ts";
import { createSqliteSql } from "./sql.ts";
import { Turns } from "./turns.ts";
import { createWorkerStore } from "./workers.ts";

export interface SqliteStoreOptions {
  /** A file, made with its folder where it is missing, or `:memory:`. */
  readonly path: string;
  /** `NORMAL` (default) survives a crash of the process, `FULL` a power cut: https://sqlite.org/pragma.html#pragma_synchronous */
  readonly synchronous?: "NORMAL" | "FULL";
  readonly clock?: Clock;
}

const IN_MEMORY = ":memory:";

/**
 * Opens the store that this process alone holds; the lock ends with the process. `database` is the connection: whoever shares it keeps its
 * transactions short and never leaves one open over an `await`.
 * @throws OpenVibeError OV_STORE_IN_USE, OV_STORE_SCHEMA, OV_STORE_UNAVAILABLE
 */
export function openSqliteStore({
  path: given,
  synchronous = "NORMAL",
  clock = systemClock,
}: SqliteStoreOptions): Store & { readonly database: DatabaseSync } {
  const path = given === IN_MEMORY ? given : resolve(given);
  const database = openDatabase(path, synchronous, clock);
  const turns = new Turns(database);
  const sql = createSqliteSql({ database, turns, path });
  return {
    kind: "sqlite",
    exclusive: true,
    database,
    runs: createRunStore(sql, {}),
    children: createChildStore(sql),
    history: createHistoryStore(sql),
    subSteps: createSubStepStore(sql, {}),
    parking: createParkingStore(sql),
    sweep: createSweepStore(sql, {}),
    workers: createWorkerStore(sql),
    manifests: createManifestStore(sql),
    settings: createSettingStore(sql),
    schedules: createScheduleStore(sql),
    eventData: createEventDataStore(sql),
    checkpoints: createCheckpointStore(sql, {}),
    subscriptions: createSubscriptionStore(sql),
    deliveries: createDeliveryStore(sql, {}),
    eventWaits: createEventWaitStore(sql),
    heldEvents: createHeldEventStore(sql),
    outsideEvents: createOutsideEventStore(sql),
    async ping() {
      await turns
        .ask(() => database.exec("SELECT 1"))
        .catch((error) => {
          throw toStoreError(error, path);
        });
    },
    async [Symbol.asyncDispose]() {
      turns.close(new OpenVibeError("OV_STORE_UNAVAILABLE", `SQLite store ${path} is closed`));
      if (database.isOpen) database.close();
    },
  };
}

function openDatabase(path: string, synchronous: "NORMAL" | "FULL", clock: Clock): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true });
    // No waiting for a lock: whoever has it keeps it.
    database = new DatabaseSync(path, { timeout: 0 });
    database.function("now_ms", () => clock.now());
    // Before anything is read: from then on the lock is held until the connection closes, and the log needs no shared memory.
    // Temporary files in memory: they hold the undo pages of single statements, an eighth of a run's CPU when they are written to a file.
    // A checkpoint for every 2 MB of the log, twice as often as by default: all runs stand still for its length.
    database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
      PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 500`);
    migrate(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw toOpenError(error, path);
  }
}

const DDL: Ddl = {
  table: (name) => name,
  id: "text",
  time: "integer",
  changing: "STRICT",
  calm: "STRICT",
  givenFirst: false, // a column behind a large one is read through it
  generated: "VIRTUAL", // SQLite adds no stored one
  dropExpression: () => [], // nor can it
  keepTags: () => [
    `CREATE TRIGGER runs_keep_tags AFTER INSERT ON runs WHEN NEW.tags <> '{}' BEGIN
      INSERT INTO run_tags (run_id, key, value, created_at)
        SELECT NEW.run_id, tag.key, tag.value, NEW.created_at FROM json_each(NEW.tags) AS tag;
    END`,
    "CREATE TRIGGER runs_forget_tags AFTER DELETE ON runs BEGIN DELETE FROM run_tags WHERE run_id = OLD.run_id; END",
  ],
  forgetWithRun: (name) => [
    `CREATE TRIGGER runs_forget_${name} AFTER DELETE ON runs BEGIN DELETE FROM ${name} WHERE run_id = OLD.run_id; END`,
    `CREATE TRIGGER runs_empty_${name} AFTER UPDATE OF purged_at ON runs WHEN NEW.purged_at IS NOT NULL BEGIN
      DELETE FROM ${name} WHERE run_id = NEW.run_id;
    END`,
  ],
};

/** Everybody who beat in an earlier process is dead, so `workers` begins empty; the write also takes the lock. */
function migrate(database: DatabaseSync, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    for (const statement of planMigrations(version, `SQLite store ${path}`, DDL)) database.exec(statement);
    database.exec(`PRAGMA user_version = ${NEWEST}; DELETE FROM workers; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
