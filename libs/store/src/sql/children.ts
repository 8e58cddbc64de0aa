import type { OperatorId, RunId, RunStatus } from "@openvibe/core";
import type { ChildStore } from "../children.ts";
import { parseRun } from "./parse-row.ts";
import { listed, RUN_COLUMNS } from "./run-columns.ts";
import type { Sql } from "./sql.ts";
import { overRows } from "./statement.ts";

export function createChildStore(sql: Sql): ChildStore {
  const { dialect } = sql;
  const runs = dialect.table("runs");
  const status = sql.grouped(
    overRows(
      dialect,
      "status_of",
      { run_id: "text" },
      (given) => `SELECT runs.run_id, runs.status FROM ${runs}${given.join} WHERE runs.run_id = ${given.of("run_id")}`,
    ),
    { patience: "caller", shared: true },
  );
  // Bounds and order name all columns of the index, for the reason that sql/list.ts gives.
  const list = {
    name: "list_children",
    text: `SELECT ${listed(RUN_COLUMNS, ["origin"])} FROM ${runs}
      WHERE runs.parent_run_id IS NOT NULL AND (runs.parent_run_id, runs.created_at, runs.run_id) > ($1, $3, $4) AND runs.parent_run_id <= $1
        AND substr(runs.origin, 1, length(CAST($2 AS text))) = CAST($2 AS text)
      ORDER BY runs.parent_run_id, runs.created_at, runs.run_id LIMIT $5`,
  };
  const open = {
    name: "find_open_children",
    text: `SELECT runs.operator_id, runs.run_id FROM ${runs}
      WHERE runs.parent_run_id = $1 AND runs.completed_at IS NULL AND runs.cancel_requested = 0 LIMIT $2`,
  };

  return {
    async statusOf(runId) {
      return (await status({ run_id: runId })).row?.status as RunStatus | undefined;
    },
    async list({ parentRunId, origin, after, limit }) {
      const { rows } = await sql.ask(list, [parentRunId, origin, after?.createdAt ?? 0, after?.runId ?? "", limit]);
      return rows.map((row) => ({ origin: row.origin as string, run: parseRun(row) }));
    },
    async findOpen({ parentRunId, limit }) {
      const { rows } = await sql.ask(open, [parentRunId, limit]);
      return rows.map((row) => ({ operatorId: row.operator_id as OperatorId, runId: row.run_id as RunId }));
    },
  };
}
