import type { Migration } from "./ddl.ts";

/** What started a run, where it was an event; who waits for events, and the events that are kept for them; ids of events from outside. */
export const events: Migration = {
  version: 9,
  statements: ({ table, id, time, calm, changing }) => [
    `ALTER TABLE ${table("runs")} ADD COLUMN cause text`,
    `ALTER TABLE ${table("runs")} ADD COLUMN hops integer`,
    `CREATE TABLE ${table("kept_events")} (
      type ${id} NOT NULL,
      match_key ${id} NOT NULL,
      event_id ${id} NOT NULL,
      kept_at ${time} NOT NULL,
      event text NOT NULL,
      PRIMARY KEY (type, match_key, event_id)
    ) ${calm}`,
    `CREATE INDEX kept_events_found ON ${table("kept_events")} (type, match_key, kept_at)`,
    `CREATE INDEX kept_events_kept ON ${table("kept_events")} (kept_at)`,
    `CREATE TABLE ${table("event_waits")} (
      run_id ${id} NOT NULL,
      step integer NOT NULL,
      type ${id} NOT NULL,
      match_key ${id} NOT NULL,
      fields ${id} NOT NULL,
      wake integer NOT NULL,
      needed integer NOT NULL,
      since ${time} NOT NULL,
      event_id ${id},
      closed_at ${time},
      PRIMARY KEY (run_id, step, type)
    ) ${changing}`,
    `CREATE INDEX event_waits_open ON ${table("event_waits")} (type, match_key) WHERE event_id IS NULL AND closed_at IS NULL`,
    `CREATE INDEX event_waits_waited ON ${table("event_waits")} (type, fields) WHERE event_id IS NULL AND closed_at IS NULL`,
    `CREATE INDEX event_waits_arrived ON ${table("event_waits")} (run_id, step) WHERE event_id IS NOT NULL AND closed_at IS NULL`,
    `CREATE TABLE ${table("outside_events")} (event_id ${id} NOT NULL PRIMARY KEY, stored_at ${time} NOT NULL) ${calm}`,
    `CREATE INDEX outside_events_stored ON ${table("outside_events")} (stored_at)`,
  ],
};
