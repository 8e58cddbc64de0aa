/** Runs as they gather in life, made by SQL that both databases understand. */

export interface SeedOptions {
  readonly table: string;
  /** Runs that ended or wait; what is in flight is the same in every store, and comes from elsewhere. */
  readonly rows: number;
  /** Milliseconds since 1970; the runs are spread over the 29 days before. */
  readonly now: number;
}

const SPREAD_MS = 29 * 86_400_000;
const OPERATORS = 5;

/**
 * One INSERT: of 1,000 runs 970 completed, 20 failed, 5 were cancelled, 2 timed out and 3 wait for somebody; a third has an idempotency key. About 2 KB a row,
 * in the order of time, as they would have come.
 */
export function seedStatement({ table, rows, now }: SeedOptions): string {
  const at = `${now - SPREAD_MS} + CAST(n AS bigint) * ${Math.floor(SPREAD_MS / rows)}`;
  const status = `CASE WHEN n % 1000 < 970 THEN 'completed' WHEN n % 1000 < 990 THEN 'failed' WHEN n % 1000 < 995 THEN 'cancelled'
    WHEN n % 1000 < 997 THEN 'timed_out' ELSE 'waiting' END`;
  const text = (bytes: number) => `'{"text":"${"x".repeat(bytes)}","n":' || n || '}'`;
  return `WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${rows})
    INSERT INTO ${table} (run_id, operator_id, workflow_id, trigger_id, definition, idempotency_key, fingerprint, created_at, queued_at, started_at,
      claimed_at, completed_at, sweep_at, attempt, step, last_sequence, events_from, status, input, metrics, events, state, output)
    SELECT 'run_seed_' || (10000000 + n), 'operator_' || (n % ${OPERATORS}), 'work', 'work', '0123456789abcdef',
      CASE WHEN n % 3 = 0 THEN 'seed/' || n END, CASE WHEN n % 3 = 0 THEN 'f' END, ${at}, ${at}, ${at}, ${at},
      CASE WHEN n % 1000 < 997 THEN ${at} + 900 END, ${at}, 1, 4, 5, 6, ${status}, ${text(300)}, '{"duration_seconds":1}', '[]', ${text(1_000)},
      CASE WHEN n % 1000 < 970 THEN ${text(600)} END
    FROM numbers`;
}
