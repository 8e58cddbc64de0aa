import type { SweepStore } from "../sweep.ts";
import { bindPurgeEvents } from "./purge-events.ts";
import { setting } from "./setting.ts";
import type { Sql } from "./sql.ts";
import type { Statement } from "./statement.ts";

const DAY_MS = 86_400_000;
/** Idempotency keys and origins keep their effect this long from the run's beginning, whenever it is purged. */
const KEEP_KEYS_MS = 8 * DAY_MS;
const KEEP_WORKERS_MS = DAY_MS;
/** A day longer than the event logs keep the events that refer to it. */
const KEEP_EVENT_DATA_MS = 8 * DAY_MS;

/**
 * Deletes runs. One whose key or origin must stay keeps its row, emptied and marked, for as long: so that the one unique index still decides
 * about the cause. Nobody but the INSERT sees such a row. A child stays while its parent is under way, which may still read it.
 */
export function bindPurge(sql: Sql): SweepStore["purge"] {
  const { dialect } = sql;
  const { now, begun } = dialect;
  const runs = dialect.table("runs");
  const manifests = dialect.table("manifests");
  const before = `${begun} - CAST($1 AS bigint)`;
  const keeping = `(runs.idempotency_key IS NOT NULL OR runs.origin IS NOT NULL) AND runs.created_at > ${begun} - ${KEEP_KEYS_MS}`;
  const wanted = `runs.parent_run_id IS NOT NULL AND EXISTS (SELECT 1 FROM ${runs} AS parent
    WHERE parent.run_id = runs.parent_run_id AND parent.completed_at IS NULL)`;
  const picking = (condition: string) => `WITH picked AS (SELECT runs.run_id FROM ${runs}
    WHERE runs.created_at >= CAST($3 AS bigint) AND runs.created_at < ${before} AND runs.completed_at < ${before}
      AND runs.unsent_since IS NULL AND runs.purged_at IS NULL AND ${condition} AND NOT (${wanted})
    ORDER BY runs.created_at LIMIT $2 ${dialect.skipLocked})${dialect.forgettingTags}${["steps", "sub_steps", "checkpoints", "checkpoint_writes"].map(dialect.forgetting).join("")}`;
  const remove = {
    name: "purge",
    text: `${picking(`NOT (${keeping})`)} DELETE FROM ${runs} WHERE run_id IN (SELECT picked.run_id FROM picked) RETURNING created_at`,
  };
  const empty = {
    name: "purge_keyed",
    text: `${picking(keeping)} UPDATE ${runs} SET ${setting(dialect, { purged_at: now })}, input = '{}', ignored_input = '[]', tags = '{}', state = NULL,
        cause = NULL, position = NULL, output = NULL, error = NULL, interrupt = NULL, wake_body = NULL, traceparent = NULL, parked = NULL,
        overrides = NULL
      WHERE run_id IN (SELECT picked.run_id FROM picked) RETURNING created_at`,
  };
  const removeEmptied = {
    name: "purge_emptied",
    text: `DELETE FROM ${runs} WHERE run_id IN (SELECT runs.run_id FROM ${runs}
      WHERE runs.purged_at IS NOT NULL AND runs.created_at <= ${begun} - ${KEEP_KEYS_MS} ORDER BY runs.created_at LIMIT $1 ${dialect.skipLocked})
      RETURNING run_id`,
  };
  const eventData = dialect.table("event_data");
  const removeEventData = {
    name: "purge_event_data",
    text: `DELETE FROM ${eventData} WHERE (run_id, sequence) IN (SELECT run_id, sequence FROM ${eventData}
      WHERE stored_at < ${begun} - ${KEEP_EVENT_DATA_MS} ORDER BY stored_at LIMIT $1) RETURNING sequence`,
  };
  // Superseded for as long as runs are kept: whoever began with it and is there still is either keyed or under way.
  const removeManifests = {
    name: "purge_manifests",
    text: `DELETE FROM ${manifests} WHERE EXISTS (SELECT 1 FROM ${manifests} AS newer
        WHERE newer.operator_id = manifests.operator_id AND newer.registered_at > manifests.registered_at AND newer.registered_at < ${before})
      AND NOT EXISTS (SELECT 1 FROM ${runs} WHERE runs.operator_id = manifests.operator_id AND runs.definition = manifests.version
        AND runs.purged_at IS NULL AND runs.created_at < ${before})`,
  };
  const removeWorkers = {
    name: "purge_workers",
    text: `DELETE FROM ${dialect.table("workers")} WHERE ${dialect.silentFor(KEEP_WORKERS_MS)}`,
  };
  const purgeEvents = bindPurgeEvents(sql);
  const removeSome = inBatches(sql, remove);
  const emptySome = inBatches(sql, empty);

  return async ({ keepMs, limit }) => {
    const removed = await removeSome(keepMs, limit);
    const purged = removed + (removed < limit ? await emptySome(keepMs, limit - removed) : 0);
    if (purged === limit) return limit;
    const forgotten = (await sql.ask(removeEmptied, [limit])).rows.length;
    if (forgotten === limit || (await sql.ask(removeEventData, [limit])).rows.length === limit) return limit;
    if (await purgeEvents(limit)) return limit;
    await sql.ask(removeManifests, [keepMs]);
    await sql.ask(removeWorkers, []);
    return purged;
  };
}

/** While there is more, each batch begins where the last one ended: what stays (emptied runs, those under way) is passed over once, not every time. */
function inBatches(sql: Sql, statement: Statement): (keepMs: number, limit: number) => Promise<number> {
  let from = 0;
  return async (keepMs, limit) => {
    const { rows } = await sql.ask(statement, [keepMs, limit, from]);
    from = rows.length === limit ? rows.reduce((last, row) => Math.max(last, Number(row.created_at)), from) : 0;
    return rows.length;
  };
}
