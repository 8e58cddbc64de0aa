import { type OperatorId, SWEEP_AFTER_MS } from "@openvibe/core";
import type { RunStore } from "../runs.ts";
import type { Sql } from "./sql.ts";

/** Later than the sweep ever looks at a queued run again. */
const LATEST_LOOK_MS = 2 * Math.max(...SWEEP_AFTER_MS);

/** What is asked before a run is inserted. */
export function bindAdmission(sql: Sql): Pick<RunStore, "countQueued" | "hasCause"> {
  const { dialect } = sql;
  const table = dialect.table("runs");
  const count = {
    name: "count_queued",
    // Every queued row has a `look_at` that is soon (looking.ts), so that runs that ended, or that sleep for days, cost nothing here, and `status`
    // needs no index of its own, which every claim would have to change.
    // Picked before they are grouped: else the index that has the operators in order is walked instead, with every run there is.
    text: `WITH queued AS MATERIALIZED (SELECT operator_id FROM ${table} WHERE look_at > 0 AND look_at < ${dialect.begun} + ${LATEST_LOOK_MS} AND status = 'queued')
      SELECT operator_id, count(*) AS queued FROM queued GROUP BY operator_id`,
  };
  const cause = {
    name: "has_cause",
    // Two looks: an OR over two partial indexes would make SQLite read the whole table.
    text: `SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM ${table} WHERE idempotency_key = $1) OR EXISTS (SELECT 1 FROM ${table} WHERE origin = $2)`,
  };

  return {
    async countQueued() {
      const { rows } = await sql.ask(count, []);
      // Postgres counts in bigint, which its driver gives as text.
      return new Map(rows.map((row) => [row.operator_id as OperatorId, Number(row.queued)]));
    },
    async hasCause({ idempotencyKey, origin }) {
      return (await sql.ask(cause, [idempotencyKey ?? null, origin ?? null])).rows.length > 0;
    },
  };
}
