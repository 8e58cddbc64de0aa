import type { RunStatus } from "@openvibe/core";
import type { RunStore, RunWrite, WriteVerdict } from "../runs.ts";
import type { Columns, Dialect, Given } from "./dialect.ts";
import type { StoreFaults } from "./faults.ts";
import { toKept } from "./kept-state.ts";
import { soonest } from "./looking.ts";
import { setting } from "./setting.ts";
import type { Sql } from "./sql.ts";
import { overRows, type Row } from "./statement.ts";
import { toJson } from "./to-json.ts";
import { withoutOutput } from "./told-output.ts";

/** What a write puts into the columns of the same names. */
const WRITTEN: Columns = {
  status: "text",
  step: "integer",
  state: "text",
  position: "text",
  metrics: "text",
  events: "text",
  events_from: "integer",
  last_sequence: "integer",
  output: "text",
  error: "text",
  interrupt: "text",
};
/** `cancelling` is 1 where a requested cancel is no hindrance. Times are digits: an integer of a statement has 32 bits. */
const COLUMNS: Columns = {
  run_id: "text",
  attempt: "integer",
  cancelling: "integer",
  due_after: "text",
  due_at: "text",
  ...WRITTEN,
};
const RECORDED_COLUMNS: Columns = { ...COLUMNS, records: "text" };

/** Rule 4: a step, a park or a terminal state is one statement, which may be asked again. */
export function bindWrites(sql: Sql, faults: StoreFaults): Pick<RunStore, "write" | "writeCancelled"> {
  const { dialect } = sql;
  const update = (given: Given) => {
    const attempt = faults.noAttemptCheck === true ? "1 = 1" : `runs.attempt = ${given.of("attempt")}`;
    return `UPDATE ${dialect.table("runs")} SET ${setWritten(given, dialect)} ${given.from}
        WHERE runs.run_id = ${given.of("run_id")} AND ${attempt} AND runs.status = 'running' AND runs.step <= ${given.of("step")}
          AND (runs.cancel_requested = 0 OR ${given.of("cancelling")} = 1)`;
  };
  const commit = sql.grouped(
    overRows(dialect, "write", COLUMNS, (given) => `${update(given)} RETURNING runs.run_id, runs.completed_at`),
    { patience: "owner" },
  );
  // A statement of its own: where no history is kept, writes stay as they are.
  const recorded = dialect.given(RECORDED_COLUMNS);
  const commitRecorded = sql.grouped(
    {
      name: "write_recorded",
      columns: RECORDED_COLUMNS,
      ...dialect.changeAndAdd(update(recorded), "steps", ["step", "records"], recorded),
    },
    { patience: "owner" },
  );
  const refused = sql.grouped(
    overRows(
      dialect,
      "refused",
      { run_id: "text" },
      (given) => `SELECT runs.run_id, runs.status, runs.attempt, runs.step, runs.cancel_requested
        FROM ${dialect.table("runs")}${given.join} WHERE runs.run_id = ${given.of("run_id")}`,
    ),
    { patience: "owner" },
  );

  const write = async (asked: RunWrite, cancelling: 0 | 1): Promise<WriteVerdict> => {
    const row = toRow(asked, cancelling);
    const { history } = asked;
    const answer =
      history === undefined || history.length === 0
        ? await commit(row)
        : await commitRecorded({ ...row, records: toJson(history, asked.runId, "history") });
    if (answer.row !== undefined) {
      if (typeof answer.row.completed_at === "number") asked.onEnd?.(answer.row.completed_at);
      return "committed";
    }
    // Why it was refused never changes back (attempt and step only grow, a cancel and an end stay), so a later read tells the reason.
    const found = (await refused({ run_id: asked.runId })).row;
    return found === undefined ? "stale" : judge(asked, found);
  };
  return {
    write: (asked) => write(asked, 0),
    writeCancelled: (asked) => write({ ...asked, status: "cancelled" }, 1),
  };
}

function setWritten(given: Given, dialect: Dialect): string {
  const { now } = dialect;
  const status = given.of("status");
  const unsent = `${given.of("last_sequence")} >= ${given.of("events_from")}`;
  const due = `CASE WHEN ${status} = 'waiting' THEN coalesce(CAST(${given.of("due_at")} AS bigint), ${now} + CAST(${given.of("due_after")} AS bigint)) END`;
  return setting(dialect, {
    ...Object.fromEntries(Object.keys(WRITTEN).map((column) => [column, given.of(column)])),
    silent_claims: "0",
    owner: `CASE WHEN ${status} = 'running' THEN runs.owner END`,
    completed_at: `CASE WHEN ${status} IN ('running', 'waiting') THEN NULL ELSE ${now} END`,
    unsent_since: `CASE WHEN ${unsent} THEN ${now} END`,
    due_at: due,
    look_at: `CASE WHEN ${status} = 'running' THEN runs.look_at WHEN ${unsent} THEN ${soonest(due, "runs.look_at")} ELSE ${due} END`,
    // In short, as it is done at every step: the run was running, so that it has a `look_at` and is neither completed nor purged.
    listed_as: `CASE WHEN ${status} = 'running' OR ${unsent} THEN 'live' ELSE ${status} END`,
    expires_at: `CASE WHEN ${status} IN ('running', 'waiting') THEN runs.expires_at END`,
  });
}

/** A write that was refused because it had been committed before (its answer was lost) is committed. */
function judge(asked: RunWrite, row: Row): WriteVerdict {
  const status = row.status as RunStatus;
  if (row.attempt !== asked.attempt) return "stale";
  if (row.step === asked.step && couldFollow(asked.status, status)) return "committed";
  return status === "running" && row.cancel_requested === 1 ? "cancel_requested" : "stale";
}

/** Whether a row of the same attempt and step may have this status after the write: a parked run may have been woken meanwhile. */
function couldFollow(written: RunStatus, found: RunStatus): boolean {
  return found === written || (written === "waiting" && found === "queued");
}

function toRow(write: RunWrite, cancelling: 0 | 1): Row {
  const { runId, outbox, output } = write;
  return {
    run_id: runId,
    attempt: write.attempt,
    cancelling,
    due_after: write.due !== undefined && "afterMs" in write.due ? String(Math.ceil(write.due.afterMs)) : null,
    due_at: write.due !== undefined && "at" in write.due ? String(Math.ceil(write.due.at)) : null,
    status: write.status,
    step: write.step,
    state: output === write.state ? null : toJson(toKept(write.state, write.input), runId, "state"),
    position: write.position,
    metrics: toJson(write.metrics, runId, "metrics"),
    events: toJson(withoutOutput(outbox.events, output), runId, "events"),
    events_from: outbox.from,
    last_sequence: outbox.from + outbox.events.length - 1,
    output: output === undefined ? null : toJson(output, runId, "output"),
    error: write.error === undefined ? null : toJson(write.error, runId, "error"),
    interrupt: write.interrupt === undefined ? null : toJson(write.interrupt, runId, "interrupt"),
  };
}
