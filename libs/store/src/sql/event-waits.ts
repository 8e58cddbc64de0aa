import type { JsonObject } from "@openvibe/core";
import type { ArrivedEvent, EventWaitStore, WaitAddress } from "../event-waits.ts";
import type { Sql } from "./sql.ts";
import { toJson } from "./to-json.ts";

/** Stands where the event that started a run counts as given to it; no step has this number. */
const BEFORE_ALL = -1;

export function createEventWaitStore(sql: Sql): EventWaitStore {
  const { now, table } = sql.dialect;
  const waits = table("event_waits");
  const kept = table("kept_events");
  /** The run that waits has had this event in another wait. */
  const given = (eventId: string) =>
    `EXISTS (SELECT 1 FROM ${waits} AS given WHERE given.run_id = event_waits.run_id AND given.event_id = ${eventId})`;
  const keep = {
    name: "keep_event",
    text: `INSERT INTO ${kept} (type, match_key, event_id, event, kept_at) VALUES ($1, $2, $3, $4, ${now}) ON CONFLICT DO NOTHING`,
  };
  const mark = {
    name: "mark_event_waits",
    text: `UPDATE ${waits} SET event_id = $3 WHERE type = $1 AND match_key = $2 AND event_id IS NULL AND closed_at IS NULL
      AND since <= (SELECT kept.kept_at FROM ${kept} AS kept WHERE kept.type = $1 AND kept.match_key = $2 AND kept.event_id = $3)
      AND NOT ${given("$3")}`,
  };
  const open = {
    name: "open_event_wait",
    text: `INSERT INTO ${waits} (run_id, step, type, match_key, fields, wake, needed, since)
      VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS bigint)) ON CONFLICT DO NOTHING`,
  };
  const except = {
    name: "except_event",
    text: `INSERT INTO ${waits} (run_id, step, type, match_key, fields, wake, needed, since, event_id, closed_at)
      VALUES ($1, ${BEFORE_ALL}, '', '', '[]', ${BEFORE_ALL}, 0, 0, $2, ${now}) ON CONFLICT DO NOTHING`,
  };
  const lookBack = {
    name: "look_back",
    text: `UPDATE ${waits} SET event_id = (SELECT kept.event_id FROM ${kept} AS kept
        WHERE kept.type = event_waits.type AND kept.match_key = event_waits.match_key AND kept.kept_at >= event_waits.since
          AND NOT ${given("kept.event_id")}
        ORDER BY kept.kept_at, kept.event_id LIMIT 1)
      WHERE run_id = $1 AND step = $2 AND event_id IS NULL AND closed_at IS NULL`,
  };
  const close = {
    name: "close_event_wait",
    text: `UPDATE ${waits} SET closed_at = ${now}, event_id = CASE WHEN CAST($3 AS integer) = 0 THEN event_id END
      WHERE run_id = $1 AND step = $2 AND closed_at IS NULL`,
  };
  const arrived = {
    name: "arrived_events",
    text: `SELECT event_waits.type, kept.event FROM ${waits} JOIN ${kept} AS kept
        ON kept.type = event_waits.type AND kept.match_key = event_waits.match_key AND kept.event_id = event_waits.event_id
      WHERE event_waits.run_id = $1 AND event_waits.step = $2 ORDER BY kept.kept_at, kept.event_id`,
  };
  const findReady = {
    name: "find_ready_waits",
    text: `SELECT runs.run_id, runs.operator_id, runs.wake FROM (SELECT run_id, step, wake FROM ${waits}
        WHERE event_id IS NOT NULL AND closed_at IS NULL GROUP BY run_id, step, wake, needed HAVING count(*) >= needed) AS ready
      JOIN ${table("runs")} ON runs.run_id = ready.run_id AND runs.status = 'waiting' AND runs.wake = ready.wake
        AND runs.step = ready.step + 1 LIMIT $1`,
  };
  const findWaited = {
    name: "find_waited_types",
    text: `SELECT DISTINCT type, fields FROM ${waits} WHERE event_id IS NULL AND closed_at IS NULL`,
  };

  const readArrived = async ({ runId, step }: WaitAddress): Promise<readonly ArrivedEvent[]> =>
    (await sql.ask(arrived, [runId, step])).rows.map(({ type, event }) => ({
      type: String(type),
      event: JSON.parse(String(event)) as JsonObject,
    }));
  return {
    async keep({ id, type, matchKeys, event }) {
      const text = toJson(event, "-", `event ${id}`);
      for (const key of matchKeys) {
        await sql.ask(keep, [type, key, id, text]);
        await sql.ask(mark, [type, key, id]);
      }
    },
    async open({ runId, step, wake, since, events, fields = [], needed, except: excepted }) {
      if (excepted !== undefined) await sql.ask(except, [runId, excepted]);
      for (const { type, matchKey } of events)
        await sql.ask(open, [runId, step, type, matchKey, JSON.stringify(fields), wake, needed, since]);
      await sql.ask(lookBack, [runId, step]);
      return await readArrived({ runId, step });
    },
    async close({ runId, step, empty }) {
      await sql.ask(close, [runId, step, empty ? 1 : 0]);
      return await readArrived({ runId, step });
    },
    async findWaited() {
      const { rows } = await sql.ask(findWaited, []);
      return rows.map(({ type, fields }) => ({ type: String(type), fields: JSON.parse(String(fields)) as readonly string[] }));
    },
    async findReady(limit) {
      const { rows } = await sql.ask(findReady, [limit]);
      return rows.map(({ run_id, operator_id, wake }) => ({ runId: String(run_id), operatorId: String(operator_id), wake: Number(wake) }));
    },
  };
}
