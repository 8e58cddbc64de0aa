import { isFinal } from "@openvibe/core";
import type { CancelResult, RunStore } from "../runs.ts";
import { soonest } from "./looking.ts";
import { appendEvent } from "./outbox.ts";
import { parseOutbox, parseRun } from "./parse-row.ts";
import { listed, OUTBOX_COLUMNS, RUN_COLUMNS } from "./run-columns.ts";
import { setting } from "./setting.ts";
import type { Sql } from "./sql.ts";
import { toJson } from "./to-json.ts";

/** Ends a run that nobody holds, flags one that somebody runs: one statement for both, so that no change of status slips between. */
export function bindCancel(sql: Sql): RunStore["cancel"] {
  const { dialect } = sql;
  const { look_at, ...appended } = appendEvent(dialect, "$3");
  const ended = Object.entries({ ...appended, completed_at: dialect.now, interrupt: "NULL", status: "'cancelled'" });
  const unlessRunning = ended.map(([column, value]) => [column, `CASE WHEN runs.status = 'running' THEN runs.${column} ELSE ${value} END`]);
  const cancelled = setting(dialect, {
    ...Object.fromEntries(unlessRunning),
    look_at: `CASE WHEN runs.status = 'running' THEN ${soonest("runs.look_at", dialect.now)} ELSE ${look_at} END`,
    cancel_requested: "CASE WHEN runs.status = 'running' THEN 1 ELSE runs.cancel_requested END",
  });
  const cancel = {
    name: "cancel",
    text: `UPDATE ${dialect.table("runs")} SET ${cancelled}
      WHERE runs.run_id = $1 AND runs.operator_id = $2 AND runs.status IN ('queued', 'waiting', 'running')
      RETURNING ${listed(RUN_COLUMNS, OUTBOX_COLUMNS)}`,
  };
  const read = {
    name: "cancelled",
    text: `SELECT ${listed(RUN_COLUMNS, OUTBOX_COLUMNS)} FROM ${dialect.table("runs")}
      WHERE run_id = $1 AND operator_id = $2 AND purged_at IS NULL`,
  };

  return async ({ operatorId, runId, event }): Promise<CancelResult> => {
    const text = toJson(event, runId, "event");
    for (;;) {
      const { rows, again } = await sql.ask(cancel, [runId, operatorId, text]);
      const [row] = rows;
      if (row !== undefined) {
        const run = parseRun(row);
        return run.status === "cancelled" ? { did: "cancelled", run, outbox: parseOutbox(row) } : { did: "requested", run };
      }
      const found = (await sql.ask(read, [runId, operatorId])).rows[0];
      if (found === undefined) return { did: "not_found" };
      const run = parseRun(found);
      if (!isFinal(run.status)) continue; // it came between the two statements
      // The first answer was lost: the outbox ends with this very event.
      const mine = again && run.status === "cancelled" && String(found.events).endsWith(`${text}]`);
      return mine ? { did: "cancelled", run, outbox: parseOutbox(found) } : { did: "already_final", run };
    }
  };
}
