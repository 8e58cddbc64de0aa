import type { Migration } from "./ddl.ts";

/** Events that wait until their trigger starts a run with them, and what became of those that have waited. */
export const pacing: Migration = {
  version: 14,
  statements: ({ table, id, time, changing }) => [
    `CREATE TABLE ${table("held_events")} (
      operator_id ${id} NOT NULL,
      trigger_id ${id} NOT NULL,
      event_id ${id} NOT NULL,
      group_key ${id} NOT NULL,
      place ${time} NOT NULL,
      hops integer NOT NULL,
      event text NOT NULL,
      held_at ${time} NOT NULL,
      quiet_ms ${time},
      longest_ms ${time},
      size integer,
      rate_limit integer,
      rate_ms ${time},
      running_limit integer,
      singleton ${id},
      run_id ${id},
      taken_at ${time},
      settled_at ${time},
      over_at ${time},
      PRIMARY KEY (operator_id, trigger_id, event_id)
    ) ${changing}`,
    `CREATE INDEX held_events_open ON ${table("held_events")} (operator_id, trigger_id, group_key, place) WHERE run_id IS NULL AND settled_at IS NULL`,
    `CREATE INDEX held_events_taken ON ${table("held_events")} (run_id) WHERE run_id IS NOT NULL AND settled_at IS NULL`,
    `CREATE INDEX held_events_under_way ON ${table("held_events")} (operator_id, trigger_id, group_key) WHERE run_id IS NOT NULL AND over_at IS NULL`,
    `CREATE INDEX held_events_rated ON ${table("held_events")} (operator_id, trigger_id, group_key, taken_at) WHERE rate_ms IS NOT NULL`,
    `CREATE INDEX held_events_over ON ${table("held_events")} (over_at) WHERE over_at IS NOT NULL`,
  ],
};
