import type { RunFilter, RunPage } from "../runs.ts";
import type { Dialect } from "../sql/dialect.ts";

export const MANY = 100_000;

/**
 * SQL that makes many runs at once: of ten operators, nearly all completed, some waiting, 20 failed ones, the newest live. `numbers`: a source of
 * the numbers from 1 as `n`; `setsListed` as the dialect has it.
 */
export function insertManyRuns(runs: string, numbers: string, prefix: string, { setsListed }: Pick<Dialect, "setsListed">): string {
  const status = `CASE WHEN n > ${MANY - 500} THEN CASE WHEN n % 2 = 0 THEN 'queued' ELSE 'running' END
    WHEN n % 5000 = 1 THEN 'failed' WHEN n % 100 = 2 THEN 'waiting' ELSE 'completed' END`;
  const live = `n > ${MANY - 500}`;
  return `INSERT INTO ${runs} (run_id, operator_id, workflow_id, trigger_id, definition, created_at, queued_at, sweep_at, look_at,
      completed_at, status, input, events, tags, parent_run_id${setsListed ? ", listed_as" : ""})
    SELECT '${prefix}' || (${MANY} + n), 'op_' || (n % 10), 'w', 't', 'v', 1700000000000 + n / 3, 0, 0,
      CASE WHEN ${live} THEN 0 END, CASE WHEN NOT (${live}) THEN 1 END, ${status}, '{}', '[]',
      CASE WHEN n % 1000 = 3 THEN '{"team":"emea"}' ELSE '{}' END,
      CASE WHEN n % 1000 = 7 THEN 'run_parent' END${setsListed ? `, CASE WHEN ${live} THEN 'live' ELSE ${status} END` : ""}
    FROM ${numbers}`;
}

const MIDDLE = { createdAt: 1_700_000_000_000 + Math.floor(MANY / 6), runId: "run_m" };

/** What is asked for, and what no page of it may read all runs for. */
export const LIST_CASES: readonly { readonly what: string; readonly filter: RunFilter; readonly before?: RunPage["before"] }[] = [
  { what: "the newest", filter: {} },
  { what: "a page in the middle", filter: {}, before: MIDDLE },
  { what: "an operator", filter: { operatorId: "op_3" } },
  { what: "an operator, in the middle", filter: { operatorId: "op_3" }, before: MIDDLE },
  { what: "a rare status", filter: { statuses: ["failed"] } },
  { what: "a common status, in the middle", filter: { statuses: ["completed"] }, before: MIDDLE },
  { what: "two statuses", filter: { statuses: ["failed", "waiting"] } },
  { what: "what runs", filter: { statuses: ["running"] } },
  { what: "a rare status of an operator", filter: { operatorId: "op_1", statuses: ["failed"] } },
  { what: "a common status of an operator", filter: { operatorId: "op_3", statuses: ["completed"] } },
  { what: "a time long ago", filter: { createdFrom: 1_700_000_000_100, createdBefore: 1_700_000_000_200 } },
  { what: "a time of an operator", filter: { operatorId: "op_3", createdFrom: 1_700_000_000_100, createdBefore: 1_700_000_000_200 } },
  { what: "the children of a run", filter: { parentRunId: "run_parent" } },
  {
    what: "the children of a run that are completed, of an operator",
    filter: { parentRunId: "run_parent", statuses: ["completed"], operatorId: "op_7" },
  },
  { what: "a rare tag", filter: { tags: [["team", "emea"]] } },
  { what: "a rare tag of an operator", filter: { operatorId: "op_3", tags: [["team", "emea"]] } },
];
