import type { StepRecord } from "@openvibe/core";
import type { HistoryStore } from "../history.ts";
import type { Sql } from "./sql.ts";

export function createHistoryStore(sql: Sql): HistoryStore {
  const read = {
    name: "read_history",
    text: `SELECT step, records FROM ${sql.dialect.table("steps")} WHERE run_id = $1 AND step > $2 ORDER BY step LIMIT $3`,
  };
  return {
    async of(runId, { after = 0, limit = 200 } = {}) {
      // One more than asked for tells whether there is a next page.
      const { rows } = await sql.ask(read, [runId, after, limit + 1]);
      const shown = rows.slice(0, limit);
      return {
        records: shown.flatMap(({ records }) => JSON.parse(records as string) as readonly StepRecord[]),
        next: rows.length > limit ? ((shown.at(-1)?.step as number | undefined) ?? null) : null,
      };
    },
  };
}
