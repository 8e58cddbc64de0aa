import { SILENT_AFTER_MS, STEADY_FOR_MS, STEADY_GAP_MS } from "@openvibe/core";
import type { Columns, Dialect, Given } from "../sql/dialect.ts";
import { qualified } from "./names.ts";
import { aheadOf } from "./test-schema.ts";

const TYPES = { text: "text[]", integer: "integer[]" } as const;

/** Milliseconds of the moment at which an expression is evaluated. */
export const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
// Not later than the statement's snapshot: a beat that the snapshot holds is never compared with a clock that ran on while a lock was awaited.
const BEGUN = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint";

export interface DialectOptions {
  /** Times of runs are those of the schema's own clock (test-schema.ts); who lives is judged by real time all the same. */
  readonly testClock?: boolean;
}

export function postgresDialect(schema: string, { testClock = false }: DialectOptions = {}): Dialect {
  const table = (name: string) => qualified(schema, name);
  const shifted = (time: string) => (testClock ? `(${time} + ${aheadOf(schema)})` : time);
  const begun = shifted(BEGUN);
  return {
    table,
    now: shifted(NOW),
    begun,
    // A claim made since the statement began may be of a process that the snapshot does not know, or knows as silent: nobody judges it yet.
    heldInSilence: (judge) => `(runs.claimed_at < ${begun}
      AND EXISTS (SELECT 1 FROM ${table("workers")} AS judging WHERE judging.owner = ${judge}
        AND judging.beat_at >= ${BEGUN} - ${STEADY_GAP_MS} AND judging.steady_since <= ${BEGUN} - ${STEADY_FOR_MS})
      AND NOT EXISTS (SELECT 1 FROM ${table("workers")} AS holder WHERE holder.owner = runs.owner
        AND holder.beat_at >= ${BEGUN} - ${SILENT_AFTER_MS}))`,
    silentFor: (ms) => `workers.beat_at < ${NOW} - ${ms}`,
    skipLocked: "FOR UPDATE OF runs SKIP LOCKED",
    skipLockedOf: (name) => `FOR UPDATE OF ${name} SKIP LOCKED`,
    rowsOf(parameter, columns) {
      const typed = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
      return `json_to_recordset(${parameter}::json) AS given(${typed.join(", ")})`;
    },
    setsListed: true,
    keepingTags: (insert) => `WITH added AS (${insert}, tags),
        tagged AS (INSERT INTO ${table("run_tags")} (run_id, key, value, created_at)
          SELECT added.run_id, tag.key, tag.value, added.created_at FROM added CROSS JOIN LATERAL json_each_text(added.tags::json) AS tag)
      SELECT run_id, created_at, started_at FROM added`,
    forgettingTags: `, untagged AS (DELETE FROM ${table("run_tags")} WHERE run_id IN (SELECT picked.run_id FROM picked))`,
    forgetting: (name) => `, forgotten_${name} AS (DELETE FROM ${table(name)} WHERE run_id IN (SELECT picked.run_id FROM picked))`,
    holding: "FOR SHARE OF runs",
    given(columns: Columns): Given {
      const entries = Object.entries(columns);
      const arrays = entries.map(([, type], index) => `$${index + 1}::${TYPES[type]}`).join(", ");
      const rows = `unnest(${arrays}) AS given(${entries.map(([column]) => column).join(", ")})`;
      return { of: (column) => `given.${column}`, from: `FROM ${rows}`, join: `, ${rows}` };
    },
    givenOne(columns: Columns) {
      const parameters: string[] = [];
      const of = (column: string) => {
        if (!parameters.includes(column)) parameters.push(column);
        return `($${parameters.indexOf(column) + 1}::${columns[column]})`;
      };
      return { given: { of, from: "", join: "" }, parameters };
    },
    changeAndAdd(update, into, columns, given) {
      const names = ["run_id", ...columns].join(", ");
      return {
        text: `WITH changed AS (${update} RETURNING runs.run_id, runs.completed_at, ${columns.map(given.of).join(", ")}),
          added AS (INSERT INTO ${table(into)} (${names}) SELECT ${names} FROM changed ON CONFLICT DO NOTHING)
          SELECT run_id, completed_at FROM changed`,
      };
    },
  };
}
