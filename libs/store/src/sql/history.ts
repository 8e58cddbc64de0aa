import type { StepRecord } from "@openvibe/core";
import type { HistoryStore } from "../history.ts";
import type { Sql } from "./sql.ts";

export function createHistoryStore(sql: Sql): HistoryStore {
  const read = {
    name: "read_history",
    text: `SELECT records FROM ${sql.dialect.table("steps")} WHERE run_id = $1 ORDER BY step`,
  };
  return {
    async of(runId) {
      const { rows } = await sql.ask(read, [runId]);
      return rows.flatMap(({ records }) => JSON.parse(records as string) as readonly StepRecord[]);
    },
  };
}
