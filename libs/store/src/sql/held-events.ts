import type { OpenVibeEvent, RunId } from "@openvibe/core";
import type { HeldEventStore, TakenEvents } from "../held-events.ts";
import { bindAdmit } from "./admit-start.ts";
import { holdingRow } from "./holding-row.ts";
import type { Sql } from "./sql.ts";
import { toJson } from "./to-json.ts";

/** More than one run takes at a time. */
const ALL = 1_000_000;

export function createHeldEventStore(sql: Sql): HeldEventStore {
  const { now, table } = sql.dialect;
  const held = table("held_events");
  const runs = table("runs");
  const OPEN = "run_id IS NULL AND settled_at IS NULL";
  const sameGroup = (row: string, of: string) =>
    ["operator_id", "trigger_id", "group_key"].map((column) => `${row}.${column} = ${of}.${column}`).join(" AND ");
  /** Each trigger and key of which events wait, with what its trigger says: where a newer version says otherwise, whichever is sooner. */
  const groups = (
    where: string,
  ) => `(SELECT operator_id, trigger_id, group_key, count(*) AS waiting, min(size) AS size, max(quiet_ms) AS quiet_ms,
      max(held_at + quiet_ms) AS quiet_at, min(held_at + longest_ms) AS longest_at, min(rate_limit) AS rate_limit, min(rate_ms) AS rate_ms,
      min(running_limit) AS running_limit, max(singleton) AS singleton
    FROM ${held} WHERE ${OPEN} ${where} GROUP BY operator_id, trigger_id, group_key) AS waits`;
  const isTime = `(waits.size IS NULL AND waits.quiet_ms IS NULL OR waits.waiting >= waits.size OR waits.longest_at <= ${now} OR waits.quiet_at <= ${now})`;
  // By starts and not by events: a run is counted from when its event was taken, be it there or not.
  const isWithinRate = `(waits.rate_limit IS NULL OR waits.rate_limit > (SELECT count(*) FROM ${held} AS taken
    WHERE ${sameGroup("taken", "waits")} AND taken.rate_ms IS NOT NULL AND taken.taken_at > ${now} - waits.rate_ms))`;
  const underWay = (status: string) => `FROM ${held} AS taken LEFT JOIN ${runs} ON runs.run_id = taken.run_id
    WHERE ${sameGroup("taken", "waits")} AND taken.run_id IS NOT NULL AND taken.over_at IS NULL
      AND (taken.settled_at IS NULL OR ${status})`;
  const isRoom = `(waits.running_limit IS NULL OR waits.running_limit > (SELECT count(*) ${underWay("runs.status IN ('queued', 'running')")}))`;
  const isAlone = `(waits.singleton IS NULL OR NOT EXISTS (SELECT 1 ${underWay("runs.status IN ('queued', 'running', 'waiting')")}))`;
  const isDue = `${isTime} AND ${isWithinRate} AND ${isRoom} AND ${isAlone}`;

  const isEmpty = {
    name: "no_held_events",
    text: `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM ${held} WHERE ${OPEN})
      OR EXISTS (SELECT 1 FROM ${held} WHERE run_id IS NOT NULL AND over_at IS NULL)`,
  };
  const hold = {
    name: "hold_event",
    text: `INSERT INTO ${held} (operator_id, trigger_id, event_id, group_key, place, hops, event, quiet_ms, longest_ms, size, rate_limit, rate_ms,
        running_limit, singleton, held_at)
      SELECT CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS bigint), CAST($6 AS integer), CAST($7 AS text),
        CAST($8 AS bigint), CAST($9 AS bigint), CAST($10 AS integer), CAST($11 AS integer), CAST($12 AS bigint), CAST($13 AS integer),
        CAST($14 AS text), ${now}
      WHERE NOT EXISTS (SELECT 1 FROM ${runs} WHERE runs.origin = $15) ON CONFLICT DO NOTHING`,
  };
  const due = {
    name: "due_groups",
    text: `SELECT operator_id, trigger_id, group_key, size, quiet_ms FROM ${groups("")} WHERE ${isDue} LIMIT $1`,
  };
  // Events are held in their order, so that all who look at a group see the same oldest row: whoever comes second finds it taken, and what its own
  // snapshot said of the group's time and room is of no effect.
  const take = {
    name: "take_held",
    text: `UPDATE ${held} SET run_id = $4, taken_at = ${now} WHERE ${OPEN} AND operator_id = $1 AND trigger_id = $2 AND group_key = $3
        AND event_id IN (SELECT event_id FROM ${held} WHERE ${OPEN} AND operator_id = $1 AND trigger_id = $2 AND group_key = $3
          ORDER BY place, event_id LIMIT CAST($5 AS integer))
        AND EXISTS (SELECT 1 FROM ${groups("AND operator_id = $1 AND trigger_id = $2 AND group_key = $3")} WHERE ${isDue})
      RETURNING event_id`,
  };
  const isLast = `NOT EXISTS (SELECT 1 FROM ${held} AS later WHERE later.run_id = held_events.run_id
    AND (later.place > held_events.place OR later.place = held_events.place AND later.event_id > held_events.event_id))`;
  const findTaken = {
    name: "find_taken",
    text: `SELECT run_id, operator_id, trigger_id, hops, size, event FROM ${held} WHERE run_id IN (SELECT run_id FROM ${held}
        WHERE run_id IS NOT NULL AND settled_at IS NULL GROUP BY run_id ORDER BY run_id LIMIT $1)
      AND settled_at IS NULL AND (size IS NOT NULL OR ${isLast}) ORDER BY run_id, place, event_id`,
  };
  const settle = {
    name: "settle_held",
    text: `UPDATE ${held} SET settled_at = ${now}, event = '', over_at = CASE WHEN running_limit IS NULL AND singleton IS NULL THEN ${now} END
      WHERE run_id = $1 AND settled_at IS NULL`,
  };
  const letGo = {
    name: "let_go",
    text: `UPDATE ${held} SET over_at = ${now} WHERE run_id IS NOT NULL AND over_at IS NULL AND settled_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ${runs} WHERE runs.run_id = held_events.run_id AND runs.completed_at IS NULL)`,
  };
  const newer = `EXISTS (SELECT 1 FROM ${held} AS newer WHERE ${sameGroup("newer", "held_events")} AND newer.run_id IS NULL AND newer.settled_at IS NULL
    AND (newer.place > held_events.place OR newer.place = held_events.place AND newer.event_id > held_events.event_id))`;
  const skip = {
    name: "skip_held",
    text: `UPDATE ${held} SET settled_at = ${now}, over_at = ${now}, event = '' WHERE ${OPEN}
      AND (singleton = 'skip' AND EXISTS (SELECT 1 ${underWay("runs.status IN ('queued', 'running', 'waiting')").replaceAll("waits.", "held_events.")})
        OR singleton = 'cancel' AND ${newer})`,
  };
  const findSuperseded = {
    name: "find_superseded",
    text: `SELECT DISTINCT runs.operator_id, runs.run_id FROM ${groups("AND singleton = 'cancel'")}
      JOIN ${held} AS taken ON ${sameGroup("taken", "waits")} AND taken.run_id IS NOT NULL AND taken.over_at IS NULL
      JOIN ${runs} ON runs.run_id = taken.run_id AND runs.status IN ('queued', 'running', 'waiting') AND runs.cancel_requested = 0 LIMIT $1`,
  };
  const nextDue = {
    name: "next_held",
    text: `SELECT min(CASE WHEN waits.longest_at IS NULL OR waits.quiet_at < waits.longest_at THEN waits.quiet_at ELSE waits.longest_at END) AS due
      FROM ${groups("AND (quiet_ms IS NOT NULL OR longest_ms IS NOT NULL)")}`,
  };

  return {
    isEmpty: async () => (await sql.ask(isEmpty, [])).rows.length === 0,
    async hold({ operatorId, triggerId, event, hops, place, pacing, key, origin }) {
      const values = [operatorId, triggerId, event.id, key, place, hops, toJson(event, "-", `event ${event.id}`)];
      await sql.ask(hold, [...values, ...holdingRow(pacing), origin]);
    },
    async take({ limit, newRunId }) {
      const { rows } = await sql.ask(due, [limit]);
      for (const { operator_id = null, trigger_id = null, group_key = null, size, quiet_ms } of rows) {
        const atOnce = Number(size ?? (quiet_ms === null ? 1 : ALL));
        await sql.ask(take, [operator_id, trigger_id, group_key, newRunId(), atOnce]);
      }
      return rows.length;
    },
    async findTaken(limit) {
      const found = new Map<RunId, TakenEvents>();
      for (const row of (await sql.ask(findTaken, [limit])).rows) {
        const runId = String(row.run_id);
        const before = found.get(runId);
        const event = JSON.parse(String(row.event)) as OpenVibeEvent;
        found.set(runId, {
          runId,
          operatorId: String(row.operator_id),
          triggerId: String(row.trigger_id),
          hops: Math.max(before?.hops ?? 0, Number(row.hops)),
          events: [...(before?.events ?? []), event],
          isBatch: row.size !== null,
        });
      }
      return [...found.values()];
    },
    async settle(runId) {
      await sql.ask(settle, [runId]);
    },
    admit: bindAdmit(sql),
    async tidy() {
      await sql.ask(letGo, []);
      await sql.ask(skip, []);
    },
    async findSuperseded(limit) {
      const { rows } = await sql.ask(findSuperseded, [limit]);
      return rows.map(({ operator_id, run_id }) => ({ operatorId: String(operator_id), runId: String(run_id) }));
    },
    async nextDue() {
      const next = (await sql.ask(nextDue, [])).rows[0]?.due;
      return typeof next === "number" ? next : undefined;
    },
  };
}
