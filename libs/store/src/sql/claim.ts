import type { OwnerId, RowView, RunStatus } from "@openvibe/core";
import type { ClaimResult, RunStore } from "../runs.ts";
import type { StoreFaults } from "./faults.ts";
import { LOOK_AFTER_MS, soonest } from "./looking.ts";
import { appendEvent } from "./outbox.ts";
import { parseClaimed } from "./parse-row.ts";
import { CLAIM_COLUMNS, listed, OUTBOX_COLUMNS, RUN_COLUMNS } from "./run-columns.ts";
import type { Sql } from "./sql.ts";
import { overRows, type Row } from "./statement.ts";
import { toJson } from "./to-json.ts";

/** Rule 3: a claim needs a dead or absent owner. */
export function bindClaim(sql: Sql, faults: StoreFaults): RunStore["claim"] {
  const { dialect } = sql;
  const { now } = dialect;
  const claim = sql.grouped(
    overRows(dialect, "claim", { run_id: "text", wake: "integer", owner: "text", started: "text" }, (given) => {
      const me = given.of("owner");
      const free = faults.noOwnerCheck === true ? "1 = 1" : `runs.owner IS NULL OR runs.owner = ${me} OR ${dialect.heldInSilence(me)}`;
      const { events, last_sequence } = appendEvent(dialect, given.of("started"));
      const first = `runs.started_at IS NULL AND ${given.of("started")} IS NOT NULL`;
      return `UPDATE ${dialect.table("runs")} SET status = 'running',
          events = CASE WHEN ${first} THEN ${events} ELSE runs.events END,
          last_sequence = CASE WHEN ${first} THEN ${last_sequence} ELSE runs.last_sequence END, attempt = runs.attempt + 1, owner = ${me},
          started_at = coalesce(runs.started_at, ${now}), claimed_at = ${now},
          silent_claims = CASE WHEN runs.status = 'running' AND runs.owner <> ${me} THEN runs.silent_claims + 1 ELSE runs.silent_claims END,
          sweeps = 0, swept_by = NULL, sweep_at = ${now}, look_at = ${soonest("runs.look_at", `${now} + ${LOOK_AFTER_MS}`)}
        ${given.from}
        WHERE runs.run_id = ${given.of("run_id")} AND runs.wake = ${given.of("wake")}
          AND (runs.status = 'queued' OR (runs.status = 'running' AND (${free})))
        RETURNING ${listed(RUN_COLUMNS, OUTBOX_COLUMNS, CLAIM_COLUMNS)}`;
    }),
    { patience: "caller" },
  );
  const view = sql.grouped(
    overRows(dialect, "view", { run_id: "text", judge: "text" }, (given) => {
      const silent = `runs.status = 'running' AND runs.owner IS NOT NULL AND ${dialect.heldInSilence(given.of("judge"))}`;
      return `SELECT ${listed(["run_id", "status", "wake", "owner"])}, CASE WHEN ${silent} THEN 1 ELSE 0 END AS owner_silent
        FROM ${dialect.table("runs")}${given.join} WHERE runs.run_id = ${given.of("run_id")}`;
    }),
    { patience: "caller" },
  );

  return async ({ runId, wake, owner, started }): Promise<ClaimResult> => {
    const { row } = await claim({
      run_id: runId,
      wake,
      owner,
      started: started === undefined ? null : toJson(started, runId, "run.started"),
    });
    if (row !== undefined) return { claimed: parseClaimed(row) };
    const seen = (await view({ run_id: runId, judge: owner })).row;
    return { claimed: undefined, row: seen === undefined ? undefined : parseView(seen) };
  };
}

function parseView(row: Row): RowView {
  return {
    status: row.status as RunStatus,
    wake: row.wake as number,
    owner: row.owner as OwnerId | null,
    ownerSilent: row.owner_silent === 1,
  };
}
