import type { Sql } from "./sql.ts";

const DAY_MS = 86_400_000;
/** As long as a run may look back for an event. */
const KEEP_EVENTS_MS = 90 * DAY_MS;
/** A day longer than the event logs keep the events themselves. */
const KEEP_OUTSIDE_MS = 8 * DAY_MS;

/** Deletes what nobody waits for any more, at most `limit` of each kind; gives whether there may be more. */
export function bindPurgeEvents(sql: Sql): (limit: number) => Promise<boolean> {
  const { begun, table } = sql.dialect;
  const waits = table("event_waits");
  const kept = table("kept_events");
  const outside = table("outside_events");
  const held = table("held_events");
  const statements = [
    {
      name: "purge_held_events",
      text: `DELETE FROM ${held} WHERE (operator_id, trigger_id, event_id) IN (SELECT operator_id, trigger_id, event_id FROM ${held}
        WHERE over_at < ${begun} - ${KEEP_OUTSIDE_MS} ORDER BY over_at LIMIT $1) RETURNING event_id`,
    },
    {
      name: "purge_counted_starts",
      text: `DELETE FROM ${held} WHERE (operator_id, trigger_id, event_id) IN (SELECT operator_id, trigger_id, event_id FROM ${held}
        WHERE rate_ms IS NOT NULL AND run_id IS NULL AND settled_at IS NOT NULL AND taken_at < ${begun} - rate_ms LIMIT $1) RETURNING event_id`,
    },
    {
      name: "purge_event_waits",
      text: `DELETE FROM ${waits} WHERE run_id IN (SELECT waits.run_id FROM ${waits} AS waits
        LEFT JOIN ${table("runs")} ON runs.run_id = waits.run_id WHERE runs.run_id IS NULL OR runs.completed_at IS NOT NULL LIMIT $1) RETURNING run_id`,
    },
    {
      name: "purge_kept_events",
      text: `DELETE FROM ${kept} WHERE (type, match_key, event_id) IN (SELECT type, match_key, event_id FROM ${kept}
        WHERE kept_at < ${begun} - ${KEEP_EVENTS_MS} ORDER BY kept_at LIMIT $1) RETURNING event_id`,
    },
    {
      name: "purge_outside_events",
      text: `DELETE FROM ${outside} WHERE event_id IN (SELECT event_id FROM ${outside}
        WHERE stored_at < ${begun} - ${KEEP_OUTSIDE_MS} ORDER BY stored_at LIMIT $1) RETURNING event_id`,
    },
  ];
  return async (limit) => {
    let more = false;
    for (const statement of statements) more = (await sql.ask(statement, [limit])).rows.length >= limit || more;
    return more;
  };
}
