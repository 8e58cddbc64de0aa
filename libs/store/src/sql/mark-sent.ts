import type { RunStore } from "../runs.ts";
import { setting } from "./setting.ts";
import type { Sql } from "./sql.ts";
import { overRows } from "./statement.ts";

/** Rule 5: clears an outbox that is in the log to its end. A run that neither is queued nor runs then concerns the sweep no longer, or not before its time. */
export function bindMarkSent(sql: Sql): RunStore["markSent"] {
  const { dialect } = sql;
  const sent = setting(dialect, {
    events: "'[]'",
    events_from: "runs.last_sequence + 1",
    unsent_since: "NULL",
    look_at: "CASE WHEN runs.status IN ('queued', 'running') THEN runs.look_at WHEN runs.status = 'waiting' THEN runs.due_at END",
  });
  const mark = sql.grouped(
    overRows(
      dialect,
      "mark_sent",
      { run_id: "text", sequence: "integer" },
      (given) => `UPDATE ${dialect.table("runs")} SET ${sent}
        ${given.from}
        WHERE runs.run_id = ${given.of("run_id")} AND runs.last_sequence <= ${given.of("sequence")} AND runs.unsent_since IS NOT NULL
        RETURNING runs.run_id`,
    ),
    { patience: "caller" },
  );

  return async ({ runId, sequence }) => {
    await mark({ run_id: runId, sequence });
  };
}
