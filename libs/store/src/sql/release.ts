import type { RunStore } from "../runs.ts";
import type { StoreFaults } from "./faults.ts";
import { soonest } from "./looking.ts";
import type { Sql } from "./sql.ts";
import { overRows } from "./statement.ts";

/** Gives a running run back: the sweep may look at once, and the count of silent claims stays as it is. */
export function bindRelease(sql: Sql, faults: StoreFaults): RunStore["release"] {
  const { dialect } = sql;
  const release = sql.grouped(
    overRows(dialect, "release", { run_id: "text", attempt: "integer", owner: "text" }, (given) => {
      const attempt = faults.noAttemptCheck === true ? "1 = 1" : `runs.attempt = ${given.of("attempt")}`;
      return `UPDATE ${dialect.table("runs")} SET owner = NULL, sweep_at = ${dialect.now}, look_at = ${soonest("runs.look_at", dialect.now)}
        ${given.from}
        WHERE runs.run_id = ${given.of("run_id")} AND ${attempt} AND runs.status = 'running' AND runs.owner = ${given.of("owner")}
        RETURNING runs.run_id`;
    }),
    { patience: "owner" },
  );
  const released = {
    name: "released",
    text: `SELECT run_id FROM ${dialect.table("runs")} WHERE run_id = $1 AND attempt = $2 AND status = 'running' AND owner IS NULL`,
  };

  return async ({ runId, attempt, owner }) => {
    const { row, again } = await release({ run_id: runId, attempt, owner });
    if (row !== undefined) return true;
    // The first answer was lost: only a release leaves a running row of this attempt without an owner.
    return again && (await sql.ask(released, [runId, attempt])).rows.length > 0;
  };
}
