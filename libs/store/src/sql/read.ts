import type { RunStore } from "../runs.ts";
import { parseOutbox, parseRun } from "./parse-row.ts";
import { listed, OUTBOX_COLUMNS, RUN_COLUMNS } from "./run-columns.ts";
import type { Sql } from "./sql.ts";
import { overRows, type SqlValue } from "./statement.ts";

export function bindReads(sql: Sql): Pick<RunStore, "find" | "findOutbox" | "list"> {
  const { dialect } = sql;
  const reader = (name: string, columns: string) =>
    sql.grouped(
      overRows(
        dialect,
        name,
        { run_id: "text" },
        (given) => `SELECT ${columns} FROM ${dialect.table("runs")}${given.join}
          WHERE runs.run_id = ${given.of("run_id")} AND runs.purged_at IS NULL`,
      ),
      { patience: "caller", shared: true },
    );
  const find = reader("find", listed(RUN_COLUMNS));
  const findOutbox = reader("find_outbox", listed(RUN_COLUMNS, OUTBOX_COLUMNS));

  return {
    async find(runId) {
      const { row } = await find({ run_id: runId });
      return row === undefined ? undefined : parseRun(row);
    },
    async findOutbox(runId) {
      const { row } = await findOutbox({ run_id: runId });
      return row === undefined ? undefined : { run: parseRun(row), outbox: parseOutbox(row) };
    },
    async list(filter, { limit, before }) {
      const values: SqlValue[] = [];
      const value = (given: SqlValue) => `$${values.push(given)}`;
      const wanted = { operator_id: filter.operatorId, workflow_id: filter.workflowId, status: filter.status };
      const conditions = Object.entries(wanted).flatMap(([column, asked]) => (asked === undefined ? [] : [[column, asked] as const]));
      const where = [
        "purged_at IS NULL",
        ...conditions.map(([column, asked]) => `${column} = ${value(asked)}`),
        ...(before === undefined ? [] : [`(created_at, run_id) < (${value(before.createdAt)}, ${value(before.runId)})`]),
      ];
      const text = `SELECT ${listed(RUN_COLUMNS)} FROM ${dialect.table("runs")} WHERE ${where.join(" AND ")}
        ORDER BY created_at DESC, run_id DESC LIMIT ${value(limit)}`;
      const name = ["list", ...conditions.map(([column]) => column), ...(before === undefined ? [] : ["before"])].join("_");
      return (await sql.ask({ name, text }, values)).rows.map(parseRun);
    },
  };
}
