import type { ScheduleStore, StoredSchedule } from "../schedules.ts";
import type { Sql } from "./sql.ts";
import type { Row } from "./statement.ts";

export function createScheduleStore(sql: Sql): ScheduleStore {
  const table = sql.dialect.table("schedules");
  const key = "operator_id = $1 AND trigger_id = $2";
  const columns = "operator_id, trigger_id, trigger_on, settled_upto";
  const upto = "CASE WHEN settled_upto < $3 THEN $3 ELSE settled_upto END";
  const list = { name: "list_schedules", text: `SELECT * FROM ${table} ORDER BY operator_id, trigger_id` };
  const begin = {
    name: "begin_schedule",
    text: `INSERT INTO ${table} (${columns}) VALUES ($1, $2, $3, $4) ON CONFLICT (operator_id, trigger_id)
      DO UPDATE SET trigger_on = excluded.trigger_on, settled_upto = excluded.settled_upto WHERE schedules.trigger_on <> excluded.trigger_on`,
  };
  const settle = {
    name: "settle_schedule",
    text: `UPDATE ${table} SET settled_upto = $4, last_slot = CASE WHEN CAST($5 AS text) IS NULL THEN last_slot ELSE $4 END,
        last_run_id = coalesce(CAST($5 AS text), last_run_id)
      WHERE ${key} AND trigger_on = $3 AND settled_upto < $4 RETURNING trigger_id`,
  };
  const pause = {
    name: "pause_schedule",
    text: `INSERT INTO ${table} (${columns}, paused_at) VALUES ($1, $2, $3, $4, $4) ON CONFLICT (operator_id, trigger_id)
      DO UPDATE SET paused_at = coalesce(schedules.paused_at, excluded.paused_at)`,
  };
  const resume = {
    name: "resume_schedule",
    text: `UPDATE ${table} SET paused_at = NULL, settled_upto = ${upto} WHERE ${key} AND paused_at IS NOT NULL`,
  };
  const forget = {
    name: "forget_schedule",
    text: `DELETE FROM ${table} WHERE ${key} AND trigger_on = $3 AND settled_upto = $4 AND paused_at IS NULL`,
  };

  return {
    list: async () => (await sql.ask(list, [])).rows.map(parseSchedule),
    async begin({ operatorId, triggerId, on, at }) {
      await sql.ask(begin, [operatorId, triggerId, on, at]);
    },
    async settle({ operatorId, triggerId, on, upto, runId = null }) {
      return (await sql.ask(settle, [operatorId, triggerId, on, upto, runId])).rows.length > 0;
    },
    async pause({ operatorId, triggerId, on, at }) {
      await sql.ask(pause, [operatorId, triggerId, on, at]);
    },
    async resume({ operatorId, triggerId, at }) {
      await sql.ask(resume, [operatorId, triggerId, at]);
    },
    async forget({ operatorId, triggerId, on, settledUpto }) {
      await sql.ask(forget, [operatorId, triggerId, on, settledUpto]);
    },
  };
}

function parseSchedule(row: Row): StoredSchedule {
  return {
    operatorId: row.operator_id as string,
    triggerId: row.trigger_id as string,
    on: row.trigger_on as string,
    settledUpto: row.settled_upto as number,
    pausedAt: row.paused_at as number | null,
    lastSlot: row.last_slot as number | null,
    lastRunId: row.last_run_id as string | null,
  };
}
