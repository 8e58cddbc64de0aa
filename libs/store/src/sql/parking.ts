import { type RunOverrides, SWEEP_AFTER_MS } from "@openvibe/core";
import type { ParkedRun, ParkingStore } from "../parking.ts";
import { LOOK_AFTER_MS, soonest } from "./looking.ts";
import type { Sql } from "./sql.ts";
import type { Row } from "./statement.ts";
import { toJson } from "./to-json.ts";

/** Workers that fit look by themselves: the sweep says the wake-up as seldom as it says any. */
const SWEEP_AGAIN_MS = SWEEP_AFTER_MS.at(-1) ?? 60_000;

export function createParkingStore(sql: Sql): ParkingStore {
  const { dialect } = sql;
  const { now } = dialect;
  const table = dialect.table("runs");
  const mine = "runs.run_id = $1 AND runs.attempt = $2 AND runs.owner = $3 AND runs.status = 'running'";
  const park = {
    name: "park",
    text: `UPDATE ${table} SET status = 'queued', owner = NULL, parked = $4, sweeps = ${SWEEP_AFTER_MS.length}, swept_by = NULL,
        sweep_at = ${now} + ${SWEEP_AGAIN_MS}, look_at = ${soonest(`runs.unsent_since + ${LOOK_AFTER_MS}`, `${now} + ${SWEEP_AGAIN_MS}`)}
      WHERE ${mine} AND runs.cancel_requested = 0 RETURNING runs.run_id`,
  };
  const isParked = {
    name: "is_parked",
    text: `SELECT run_id FROM ${table} WHERE run_id = $1 AND attempt = $2 AND status = 'queued' AND parked = $3`,
  };
  const adopt = { name: "adopt", text: `UPDATE ${table} SET definition = $4, parked = NULL WHERE ${mine} RETURNING runs.run_id` };
  const list = {
    name: "list_parked",
    text: `SELECT run_id, operator_id, workflow_id, definition, wake, position, overrides, CASE WHEN state IS NULL THEN 0 ELSE 1 END AS begun
      FROM ${table} WHERE parked IS NOT NULL AND operator_id = $1 AND run_id > $2 AND status = 'queued' ORDER BY operator_id, run_id LIMIT $3`,
  };

  return {
    async park({ runId, attempt, owner, parked }) {
      const text = toJson(parked, runId, "reason to be parked");
      const { rows, again } = await sql.ask(park, [runId, attempt, owner, text]);
      if (rows.length > 0) return true;
      return again && (await sql.ask(isParked, [runId, attempt, text])).rows.length > 0;
    },
    // The same again finds the run as it left it.
    async adopt({ runId, attempt, owner, definition }) {
      return (await sql.ask(adopt, [runId, attempt, owner, definition])).rows.length > 0;
    },
    async list(operatorId, { after = "", limit }) {
      return (await sql.ask(list, [operatorId, after, limit])).rows.map(parseParked);
    },
  };
}

function parseParked(row: Row): ParkedRun {
  const { run_id, operator_id, workflow_id, definition, wake, position, overrides, begun } = row;
  return {
    runId: run_id as string,
    operatorId: operator_id as string,
    workflowId: workflow_id as string,
    definition: definition as string,
    wake: wake as number,
    begun: begun === 1,
    position: position as string | null,
    ...(overrides === null ? {} : { overrides: JSON.parse(overrides as string) as RunOverrides }),
  };
}
