import type { OperatorId, RunId, WakeKind, WakeUp } from "@openvibe/core";
import type { SweepStore } from "../sweep.ts";
import type { StoreFaults } from "./faults.ts";
import { LOOK_AFTER_MS, soonest } from "./looking.ts";
import { appendEvent } from "./outbox.ts";
import { parseOutbox, parseRun } from "./parse-row.ts";
import { bindPurge } from "./purge.ts";
import { listed, OUTBOX_COLUMNS, RUN_COLUMNS } from "./run-columns.ts";
import { setting } from "./setting.ts";
import { spanAfter } from "./spans.ts";
import type { Sql } from "./sql.ts";
import type { Row } from "./statement.ts";
import { queuedAgain } from "./wake.ts";

/** Rule 6. Each statement picks rows and moves the time at which it would pick them again, so that replicas share the work. */
export function createSweepStore(sql: Sql, faults: StoreFaults): SweepStore {
  const { dialect } = sql;
  const { now } = dialect;
  const table = dialect.table("runs");
  const picking = (where: string, limit: string) =>
    `WITH picked AS (SELECT runs.run_id FROM ${table} WHERE ${where} ORDER BY runs.look_at LIMIT ${limit} ${dialect.skipLocked})`;
  const inPicked = "WHERE runs.run_id IN (SELECT picked.run_id FROM picked)";

  const abandoned = `(runs.owner IS NULL OR ${dialect.heldInSilence("$1")})`;
  const published = "CASE WHEN runs.status = 'queued' THEN runs.sweeps + 1 ELSE runs.sweeps END";
  const sweepAgainAt = `${now} + ${spanAfter(`(${published})`)}`;
  const stuck = (due: string) => `${picking(`${due} AND (runs.status = 'queued' OR (runs.status = 'running' AND ${abandoned}))`, "$2")}
    UPDATE ${table} SET sweeps = runs.sweeps + 1, swept_by = $1, sweep_at = ${sweepAgainAt},
      look_at = CASE WHEN runs.cancel_requested = 1 THEN runs.look_at ELSE ${soonest(`runs.unsent_since + ${LOOK_AFTER_MS}`, sweepAgainAt)} END
    ${inPicked} RETURNING ${listed(["operator_id", "run_id", "wake_kind", "wake"])}`;
  const findDue = { name: "find_stuck", text: stuck(`runs.look_at <= ${now} AND runs.sweep_at <= ${now}`) };
  // Each row once for this sweeper, so that asking until nothing comes ends; after that the spans count again.
  const findAll = {
    name: "find_all_stuck",
    text: stuck(`runs.look_at IS NOT NULL AND (runs.swept_by IS DISTINCT FROM $1 OR runs.sweep_at <= ${now})`),
  };

  const old = `${now} - CAST($1 AS bigint)`;
  const findUnsent = {
    name: "find_unsent",
    text: `${picking(`runs.look_at <= ${old} + ${LOOK_AFTER_MS} AND runs.owner IS NULL AND runs.unsent_since <= ${old}`, "$2")}
      UPDATE ${table} SET unsent_since = ${now} ${inPicked} RETURNING ${listed(RUN_COLUMNS, OUTBOX_COLUMNS)}`,
  };

  const ended = { owner: "NULL", interrupt: "NULL", completed_at: now, ...appendEvent(dialect, "$3") };
  const cancelOrphans = {
    name: "cancel_orphans",
    text: `${picking(`runs.look_at <= ${now} AND runs.status = 'running' AND runs.cancel_requested = 1 AND ${abandoned}`, "$2")}
      UPDATE ${table} SET ${setting(dialect, { status: "'cancelled'", attempt: "runs.attempt + 1", ...ended })}
      ${inPicked} RETURNING ${listed(RUN_COLUMNS, OUTBOX_COLUMNS)}`,
  };

  // As `toJson` writes an interrupt: a database's JSON functions would refuse texts that a question may hold.
  const isRetry = `runs.interrupt LIKE '{"kind":"retry",%'`;
  const woken = setting(dialect, {
    wake: "runs.wake + 1",
    wake_kind: `CASE WHEN ${isRetry} THEN 'retry' ELSE 'timer' END`,
    wake_body: "NULL",
    wake_id: "NULL",
    ...queuedAgain(dialect),
    ...appendEvent(dialect, `CASE WHEN ${isRetry} THEN $3 ELSE $1 END`),
  });
  const wakeDue = {
    name: "wake_due",
    text: `${picking(`runs.look_at <= ${now} AND runs.status = 'waiting' AND runs.due_at <= ${now}`, "$2")}
      UPDATE ${table} SET ${woken}
      ${inPicked} RETURNING ${listed(["operator_id", "run_id", "wake_kind", "wake"])}`,
  };

  const nextDue = {
    name: "next_due",
    text: `SELECT min(times.due) AS due FROM (
        SELECT min(runs.due_at) AS due FROM ${table} WHERE runs.look_at IS NOT NULL AND runs.status = 'waiting'
        UNION ALL SELECT min(runs.expires_at) FROM ${table} WHERE runs.expires_at IS NOT NULL AND runs.status IN ('queued', 'waiting')
      ) AS times`,
  };

  const overdue = `runs.expires_at <= ${now} AND (runs.status IN ('queued', 'waiting') OR (runs.status = 'running' AND ${abandoned}))`;
  const timedOut = setting(dialect, {
    status: "'timed_out'",
    attempt: "CASE WHEN runs.status = 'running' THEN runs.attempt + 1 ELSE runs.attempt END",
    error: "$4",
    ...ended,
  });
  const timeOutOverdue = {
    name: "time_out_overdue",
    text: `WITH picked AS (SELECT runs.run_id FROM ${table} WHERE ${overdue} ORDER BY runs.expires_at LIMIT $2 ${dialect.skipLocked})
      UPDATE ${table} SET ${timedOut}
      ${inPicked} RETURNING ${listed(RUN_COLUMNS, OUTBOX_COLUMNS)}`,
  };

  const withOutbox = (row: Row) => ({ run: parseRun(row), outbox: parseOutbox(row) });
  if (faults.sweepNothing === true)
    return {
      findStuck: async () => [],
      wakeDue: async () => [],
      nextDue: async () => undefined,
      findUnsent: async () => [],
      cancelOrphans: async () => [],
      timeOutOverdue: async () => [],
      purge: bindPurge(sql),
    };
  return {
    async findStuck({ sweeper, limit, everything }) {
      return (await sql.ask(everything === true ? findAll : findDue, [sweeper, limit])).rows.map(parseWakeUp);
    },
    async wakeDue({ limit, event }) {
      return (await sql.ask(wakeDue, [JSON.stringify(event("timer")), limit, JSON.stringify(event("retry"))])).rows.map(parseWakeUp);
    },
    async nextDue() {
      const due = (await sql.ask(nextDue, [])).rows[0]?.due;
      return typeof due === "number" ? due : undefined;
    },
    async findUnsent({ olderThanMs, limit }) {
      return (await sql.ask(findUnsent, [olderThanMs, limit])).rows.map(withOutbox);
    },
    async cancelOrphans({ sweeper, limit, event }) {
      return (await sql.ask(cancelOrphans, [sweeper, limit, JSON.stringify(event())])).rows.map(withOutbox);
    },
    async timeOutOverdue({ sweeper, limit, error, event }) {
      const values = [sweeper, limit, JSON.stringify(event()), JSON.stringify(error)];
      return (await sql.ask(timeOutOverdue, values)).rows.map(withOutbox);
    },
    purge: bindPurge(sql),
  };
}

function parseWakeUp(row: Row): WakeUp {
  return {
    operatorId: row.operator_id as OperatorId,
    runId: row.run_id as RunId,
    kind: row.wake_kind as WakeKind,
    wake: row.wake as number,
  };
}
