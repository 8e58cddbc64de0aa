import type { SubStepStore } from "../sub-steps.ts";
import type { Columns } from "./dialect.ts";
import type { StoreFaults } from "./faults.ts";
import type { Sql } from "./sql.ts";
import { overRows } from "./statement.ts";

const COLUMNS: Columns = { run_id: "text", attempt: "integer", place: "text", key: "text", step: "integer", result: "text" };

export function createSubStepStore(sql: Sql, faults: StoreFaults): SubStepStore {
  const { dialect } = sql;
  const table = dialect.table("sub_steps");
  const runs = dialect.table("runs");
  // The run's row is held: a claim comes either before, and is seen, or after, and sees what is kept.
  const keep = sql.grouped(
    overRows(dialect, "keep_sub_step", COLUMNS, (given) => {
      const attempt = faults.noAttemptCheck === true ? "1 = 1" : `runs.attempt = ${given.of("attempt")}`;
      const values = ["place", "key", "step", "result"].map((column) => `${given.of(column)} AS ${column}`).join(", ");
      return `WITH held AS (SELECT runs.run_id, ${values} FROM ${runs}${given.join}
          WHERE runs.run_id = ${given.of("run_id")} AND ${attempt} AND runs.status = 'running' ${dialect.holding})
        INSERT INTO ${table} (run_id, place, key, step, result) SELECT run_id, place, key, step, result FROM held WHERE true
        ON CONFLICT (run_id, place, key) DO UPDATE SET step = excluded.step, result = excluded.result RETURNING run_id`;
    }),
    { patience: "owner" },
  );
  const read = {
    name: "read_sub_steps",
    text: `SELECT key, result FROM ${table} WHERE run_id = $1 AND place = $2 AND step >= $3`,
  };
  const forget = { name: "forget_sub_steps", text: `DELETE FROM ${table} WHERE run_id = $1 AND step < $2` };

  return {
    async of({ runId, place, step }) {
      const { rows } = await sql.ask(read, [runId, place, step]);
      return new Map(rows.map(({ key, result }) => [key as string, result as string | null]));
    },
    async keep({ runId, attempt, place, key, step, result }) {
      const { row } = await keep({ run_id: runId, attempt, place, key, step, result });
      return row === undefined ? "stale" : "kept";
    },
    async forget({ runId, beforeStep }) {
      await sql.ask(forget, [runId, beforeStep]);
    },
  };
}
