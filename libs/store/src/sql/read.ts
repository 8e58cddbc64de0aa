import type { RunOverrides } from "@openvibe/core";
import type { RunStore } from "../runs.ts";
import { toListQuery } from "./list.ts";
import { parseOutbox, parseRun } from "./parse-row.ts";
import { listed, OUTBOX_COLUMNS, RUN_COLUMNS } from "./run-columns.ts";
import type { Sql } from "./sql.ts";
import { overRows } from "./statement.ts";

export function bindReads(sql: Sql): Pick<RunStore, "find" | "findOverrides" | "findByKey" | "findOutbox" | "list"> {
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

  const findByKey = {
    name: "find_by_key",
    text: `SELECT ${listed(RUN_COLUMNS, ["fingerprint"])} FROM ${dialect.table("runs")} WHERE idempotency_key = $1`,
  };

  const findOverrides = {
    name: "find_overrides",
    text: `SELECT overrides FROM ${dialect.table("runs")} WHERE run_id = $1 AND purged_at IS NULL`,
  };

  return {
    async find(runId) {
      const { row } = await find({ run_id: runId });
      return row === undefined ? undefined : parseRun(row);
    },
    async findOverrides(runId) {
      const [row] = (await sql.ask(findOverrides, [runId])).rows;
      return typeof row?.overrides === "string" ? (JSON.parse(row.overrides) as RunOverrides) : undefined;
    },
    async findOutbox(runId) {
      const { row } = await findOutbox({ run_id: runId });
      return row === undefined ? undefined : { run: parseRun(row), outbox: parseOutbox(row) };
    },
    async findByKey(idempotencyKey) {
      const [row] = (await sql.ask(findByKey, [idempotencyKey])).rows;
      return row === undefined ? undefined : { run: parseRun(row), fingerprint: row.fingerprint as string | null };
    },
    async list(filter, page) {
      const { statement, values } = toListQuery(dialect, filter, page);
      return (await sql.ask(statement, values)).rows.map(parseRun);
    },
  };
}
