import { MAX_HOPS, type RunCause } from "@openvibe/core";
import type { RunStore } from "../runs.ts";
import type { Sql } from "./sql.ts";

export function bindCauses(sql: Sql): Pick<RunStore, "findCause" | "countHops"> {
  const runs = sql.dialect.table("runs");
  const findCause = { name: "find_cause", text: `SELECT cause FROM ${runs} WHERE run_id = $1 AND cause IS NOT NULL` };
  const countHops = {
    name: "count_hops",
    text: `WITH RECURSIVE up (parent_run_id, hops, depth) AS (
        SELECT runs.parent_run_id, runs.hops, 0 FROM ${runs} WHERE runs.run_id = $1
        UNION ALL SELECT runs.parent_run_id, runs.hops, up.depth + 1 FROM up JOIN ${runs} ON runs.run_id = up.parent_run_id
          WHERE up.hops IS NULL AND up.depth < ${4 * MAX_HOPS})
      SELECT hops FROM up WHERE hops IS NOT NULL LIMIT 1`,
  };
  return {
    async findCause(runId) {
      const text = (await sql.ask(findCause, [runId])).rows[0]?.cause;
      return typeof text === "string" ? (JSON.parse(text) as RunCause) : undefined;
    },
    async countHops(runId) {
      return Number((await sql.ask(countHops, [runId])).rows[0]?.hops ?? 0);
    },
  };
}
