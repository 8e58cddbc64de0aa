import type { OperatorId } from "@openvibe/core";
import type { RunStore } from "../runs.ts";
import type { Sql } from "./sql.ts";

/** What is asked before a run is inserted. */
export function bindAdmission(sql: Sql): Pick<RunStore, "countQueued" | "hasCause"> {
  const { dialect } = sql;
  const table = dialect.table("runs");
  const count = {
    name: "count_queued",
    // Every queued row has a `look_at` (looking.ts): its index holds the runs in flight and no other, so ended runs cost nothing here, and
    // `status` needs no index of its own, which every claim would have to change.
    text: `SELECT operator_id, count(*) AS queued FROM ${table} WHERE look_at > 0 AND status = 'queued' GROUP BY operator_id`,
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
