import type { SweepStore } from "../sweep.ts";
import type { Sql } from "./sql.ts";

const DAY_MS = 86_400_000;
/** Idempotency keys and origins keep their effect this long from the run's beginning, whenever it is purged. */
const KEEP_KEYS_MS = 8 * DAY_MS;
const KEEP_WORKERS_MS = DAY_MS;

/**
 * Deletes runs. One whose key or origin must stay keeps its row, emptied and marked, for as long: so that the one unique index still decides
 * about the cause. Nobody but the INSERT sees such a row.
 */
export function bindPurge(sql: Sql): SweepStore["purge"] {
  const { dialect } = sql;
  const { now } = dialect;
  const runs = dialect.table("runs");
  const keeping = `(idempotency_key IS NOT NULL OR origin IS NOT NULL) AND created_at > ${now} - ${KEEP_KEYS_MS}`;
  const steps = dialect.table("steps");
  const old = "created_at < CAST($1 AS bigint) AND completed_at < CAST($1 AS bigint) AND unsent_since IS NULL AND purged_at IS NULL";
  const recorded = `EXISTS (SELECT 1 FROM ${steps} AS recorded WHERE recorded.run_id = runs.run_id)`;
  // First the history, then runs without one: a purge that ends in the middle leaves no step without a run.
  const removeSteps = {
    name: "purge_steps",
    text: `DELETE FROM ${steps} WHERE run_id IN (SELECT runs.run_id FROM ${runs} WHERE ${old} AND ${recorded} LIMIT $2)`,
  };
  const picking = (condition: string) => `WITH picked AS (SELECT run_id FROM ${runs}
    WHERE ${old} AND NOT ${recorded} AND ${condition}
    LIMIT $2 ${dialect.skipLocked})`;
  const remove = {
    name: "purge",
    text: `${picking(`NOT (${keeping})`)} DELETE FROM ${runs} WHERE run_id IN (SELECT picked.run_id FROM picked) RETURNING run_id`,
  };
  const empty = {
    name: "purge_keyed",
    text: `${picking(keeping)} UPDATE ${runs} SET purged_at = ${now}, input = '{}', ignored_input = '[]', tags = '{}', state = NULL,
        position = NULL, output = NULL, error = NULL, interrupt = NULL, wake_body = NULL, traceparent = NULL
      WHERE run_id IN (SELECT picked.run_id FROM picked) RETURNING run_id`,
  };
  const removeEmptied = {
    name: "purge_emptied",
    text: `DELETE FROM ${runs} WHERE run_id IN (SELECT run_id FROM ${runs}
      WHERE purged_at IS NOT NULL AND created_at <= ${now} - ${KEEP_KEYS_MS} LIMIT $1)`,
  };
  const removeWorkers = {
    name: "purge_workers",
    text: `DELETE FROM ${dialect.table("workers")} WHERE beat_at < ${now} - ${KEEP_WORKERS_MS}`,
  };

  return async ({ before, limit }) => {
    await sql.ask(removeSteps, [before, limit]);
    const removed = (await sql.ask(remove, [before, limit])).rows.length;
    const emptied = removed < limit ? (await sql.ask(empty, [before, limit - removed])).rows.length : 0;
    await sql.ask(removeEmptied, [limit]);
    await sql.ask(removeWorkers, []);
    return removed + emptied;
  };
}
