import type { RunStore } from "../runs.ts";
import type { Dialect } from "./dialect.ts";
import { appendEvent } from "./outbox.ts";
import { setting } from "./setting.ts";
import { FIRST_SWEEP_MS } from "./spans.ts";
import type { Sql } from "./sql.ts";
import { toJson } from "./to-json.ts";

/** What every wake-up sets beside its number, kind and body. */
export function queuedAgain({ now }: Pick<Dialect, "now">): Readonly<Record<string, string>> {
  return {
    status: "'queued'",
    silent_claims: "0",
    queued_at: now,
    sweep_at: `${now} + ${FIRST_SWEEP_MS}`,
    sweeps: "0",
    swept_by: "NULL",
    due_at: "NULL",
    parked: "NULL",
  };
}

/** Rule 2: a wake-up has a number; who raises it has won, also when the answer was lost. */
export function bindWake(sql: Sql): RunStore["wake"] {
  const { dialect } = sql;
  const woken = setting(dialect, {
    wake: "runs.wake + 1",
    wake_kind: "$3",
    wake_body: "$4",
    wake_id: "$5",
    ...queuedAgain(dialect),
    ...appendEvent(dialect, "$6"),
  });
  const wake = {
    name: "wake",
    text: `UPDATE ${dialect.table("runs")} SET ${woken}
      WHERE runs.run_id = $1 AND runs.status = 'waiting' AND runs.wake = $2
      RETURNING runs.run_id`,
  };
  const won = { name: "woken", text: `SELECT run_id FROM ${dialect.table("runs")} WHERE run_id = $1 AND wake = $2 AND wake_id = $3` };

  return async ({ runId, seen, kind, body, wakeId, event }) => {
    const text = body === null ? null : toJson(body, runId, "wake-up's body");
    const { rows } = await sql.ask(wake, [runId, seen, kind, text, wakeId, toJson(event, runId, "event")]);
    return rows.length > 0 || (await sql.ask(won, [runId, seen + 1, wakeId])).rows.length > 0;
  };
}
