import type { Migration } from "./ddl.ts";

/** Who wants which events, what has to be sent, and how each attempt went. */
export const webhooks: Migration = {
  version: 8,
  statements: ({ table, id, time, changing, calm }) => [
    `CREATE TABLE ${table("subscriptions")} (
      subscription_id ${id} NOT NULL PRIMARY KEY,
      url text NOT NULL,
      types text NOT NULL,
      operators text,
      description text,
      ordered integer NOT NULL,
      status text NOT NULL,
      reason text,
      secret text NOT NULL,
      previous_secret text,
      previous_until ${time},
      from_position ${time} NOT NULL,
      replay text,
      created_at ${time} NOT NULL,
      updated_at ${time} NOT NULL
    ) ${calm}`,
    `CREATE TABLE ${table("deliveries")} (
      delivery_id ${id} NOT NULL PRIMARY KEY,
      subscription_id ${id} NOT NULL,
      event_id ${id} NOT NULL,
      type text NOT NULL,
      event_time ${time} NOT NULL,
      operator_id text,
      run_id ${id},
      sequence integer,
      status text NOT NULL,
      attempts integer NOT NULL DEFAULT 0,
      tries integer NOT NULL DEFAULT 0,
      next_at ${time},
      last_status integer,
      last_error text,
      created_at ${time} NOT NULL,
      ended_at ${time},
      body text NOT NULL,
      UNIQUE (subscription_id, event_id)
    ) ${changing}`,
    `CREATE INDEX deliveries_next ON ${table("deliveries")} (subscription_id, next_at) WHERE next_at IS NOT NULL`,
    `CREATE INDEX deliveries_of_run ON ${table("deliveries")} (subscription_id, run_id, sequence) WHERE next_at IS NOT NULL`,
    `CREATE INDEX deliveries_listed ON ${table("deliveries")} (subscription_id, created_at, delivery_id)`,
    `CREATE INDEX deliveries_ended ON ${table("deliveries")} (status, ended_at) WHERE ended_at IS NOT NULL`,
    `CREATE TABLE ${table("attempts")} (
      attempt_id ${id} NOT NULL PRIMARY KEY,
      delivery_id ${id} NOT NULL,
      subscription_id ${id} NOT NULL,
      attempt integer NOT NULL,
      started_at ${time} NOT NULL,
      duration_ms integer NOT NULL,
      status_code integer,
      error text,
      detail text,
      response text
    ) ${calm}`,
    `CREATE INDEX attempts_listed ON ${table("attempts")} (subscription_id, started_at, attempt_id)`,
    `CREATE INDEX attempts_started ON ${table("attempts")} (started_at)`,
  ],
};
