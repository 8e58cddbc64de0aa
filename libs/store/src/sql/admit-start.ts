import type { HeldEventStore } from "../held-events.ts";
import type { Sql } from "./sql.ts";

/**
 * Counts starts that were asked for. Each has a numbered row, which a later one takes over when its time is past: two that pick the same row meet there, and one
 * has to look again.
 */
export function bindAdmit(sql: Sql): HeldEventStore["admit"] {
  const { now, table } = sql.dialect;
  const held = table("held_events");
  const slots = `${held} AS slots WHERE slots.operator_id = $1 AND slots.trigger_id = $2 AND slots.group_key = $3 AND slots.rate_ms IS NOT NULL
    AND slots.run_id IS NULL AND slots.settled_at IS NOT NULL`;
  const next = `(SELECT coalesce(max(slots.place), 0) + 1 FROM ${slots})`;
  const admit = {
    name: "admit_start",
    text: `INSERT INTO ${held} (operator_id, trigger_id, group_key, event_id, place, hops, event, rate_ms, held_at, taken_at, settled_at)
      SELECT CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), picked.event_id, ${next}, 0, '', CAST($5 AS bigint), ${now}, ${now}, ${now}
      FROM (SELECT coalesce((SELECT slots.event_id FROM ${slots} AND slots.taken_at <= ${now} - CAST($5 AS bigint) ORDER BY slots.taken_at, slots.event_id LIMIT 1),
        CASE WHEN (SELECT count(*) FROM ${slots}) < CAST($4 AS integer) THEN 'start ' || CAST($3 AS text) || ' ' || CAST(${next} AS text) END) AS event_id) AS picked
      WHERE picked.event_id IS NOT NULL AND (SELECT count(*) FROM ${slots} AND slots.taken_at > ${now} - CAST($5 AS bigint)) < CAST($4 AS integer)
      ON CONFLICT (operator_id, trigger_id, event_id) DO UPDATE SET taken_at = ${now}, rate_ms = excluded.rate_ms
        WHERE held_events.taken_at <= ${now} - excluded.rate_ms RETURNING event_id`,
  };
  const free = {
    name: "next_start",
    text: `SELECT count(*) AS taken, min(slots.taken_at) + CAST($4 AS bigint) - ${now} AS wait FROM ${slots} AND slots.taken_at > ${now} - CAST($4 AS bigint)`,
  };

  return async ({ operatorId, triggerId, key, limit, perMs }) => {
    for (;;) {
      if ((await sql.ask(admit, [operatorId, triggerId, key, limit, perMs])).rows.length > 0) return 0;
      const row = (await sql.ask(free, [operatorId, triggerId, key, perMs])).rows[0];
      if (Number(row?.taken) >= limit) return Math.max(1, Number(row?.wait));
    }
  };
}
