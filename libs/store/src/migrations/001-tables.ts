import type { Migration } from "./ddl.ts";

/** What a run was given; it never changes, and may be large. */
const GIVEN = `input text NOT NULL,
      ignored_input text NOT NULL DEFAULT '[]',
      tags text NOT NULL DEFAULT '{}',`;

export const tables: Migration = {
  version: 1,
  statements: ({ table, id, time, changing, calm, givenFirst }) => [
    `CREATE TABLE ${table("runs")} (
      run_id ${id} NOT NULL PRIMARY KEY,
      operator_id ${id} NOT NULL,
      workflow_id ${id} NOT NULL,
      trigger_id text NOT NULL,
      definition text NOT NULL,
      parent_run_id text,
      rerun_of text,
      idempotency_key ${id},
      fingerprint text,
      origin ${id},
      created_at ${time} NOT NULL,
      ${givenFirst ? GIVEN : ""}
      queued_at ${time} NOT NULL,
      started_at ${time},
      claimed_at ${time},
      completed_at ${time},
      unsent_since ${time},
      sweep_at ${time} NOT NULL,
      look_at ${time},
      purged_at ${time},
      attempt integer NOT NULL DEFAULT 0,
      step integer NOT NULL DEFAULT 0,
      wake integer NOT NULL DEFAULT 0,
      silent_claims integer NOT NULL DEFAULT 0,
      cancel_requested integer NOT NULL DEFAULT 0,
      events_from integer NOT NULL DEFAULT 0,
      last_sequence integer NOT NULL DEFAULT 0,
      sweeps integer NOT NULL DEFAULT 0,
      status text NOT NULL,
      owner ${id},
      swept_by ${id},
      wake_kind text NOT NULL DEFAULT 'start',
      wake_id text,
      wake_body text,
      position text,
      ${givenFirst ? "" : GIVEN}
      metrics text,
      events text NOT NULL,
      interrupt text,
      error text,
      state text,
      output text
    ) ${changing}`,
    `CREATE UNIQUE INDEX runs_idempotency_key ON ${table("runs")} (idempotency_key) WHERE idempotency_key IS NOT NULL`,
    `CREATE UNIQUE INDEX runs_origin ON ${table("runs")} (origin) WHERE origin IS NOT NULL`,
    `CREATE INDEX runs_created ON ${table("runs")} (created_at, run_id)`,
    `CREATE INDEX runs_operator_created ON ${table("runs")} (operator_id, created_at, run_id)`,
    `CREATE INDEX runs_look ON ${table("runs")} (look_at) WHERE look_at IS NOT NULL`,
    `CREATE INDEX runs_purged ON ${table("runs")} (created_at) WHERE purged_at IS NOT NULL`,
    `CREATE TABLE ${table("workers")} (
      owner ${id} NOT NULL PRIMARY KEY,
      beat_at ${time} NOT NULL,
      steady_since ${time} NOT NULL
    ) ${changing}`,
    `CREATE TABLE ${table("manifests")} (
      operator_id ${id} NOT NULL,
      version ${id} NOT NULL,
      manifest text NOT NULL,
      registered_at ${time} NOT NULL,
      PRIMARY KEY (operator_id, version)
    ) ${calm}`,
    `CREATE TABLE ${table("settings")} (key ${id} NOT NULL PRIMARY KEY, value text NOT NULL) ${calm}`,
  ],
};
