import { NO_METRICS, OpenVibeError, type Run, RunStatus } from "@openvibe/core";
import type { NewRun, RunStore } from "../runs.ts";
import type { Columns, Given } from "./dialect.ts";
import type { StoreFaults } from "./faults.ts";
import { LOOK_AFTER_MS } from "./looking.ts";
import { parseRun } from "./parse-row.ts";
import { listed, RUN_COLUMNS } from "./run-columns.ts";
import { FIRST_SWEEP_MS } from "./spans.ts";
import type { Sql } from "./sql.ts";
import { overRows, type Row } from "./statement.ts";
import { toJson } from "./to-json.ts";

const COLUMNS: Columns = {
  run_id: "text",
  operator_id: "text",
  workflow_id: "text",
  trigger_id: "text",
  definition: "text",
  input: "text",
  ignored_input: "text",
  tags: "text",
  deadline: "text",
  idempotency_key: "text",
  fingerprint: "text",
  origin: "text",
  parent_run_id: "text",
  rerun_of: "text",
  traceparent: "text",
  owner: "text",
  events: "text",
  last_sequence: "integer",
};
/** Runs that an event started, and reruns that do something otherwise. */
const RARE_COLUMNS: Columns = { ...COLUMNS, cause: "text", hops: "integer", overrides: "text" };

/** Rule 1: one INSERT is the claim on a cause. */
export function bindInsert(sql: Sql, faults: StoreFaults): RunStore["insert"] {
  const { dialect } = sql;
  const { now } = dialect;
  const toInsert = (given: Given, columns = COLUMNS) => {
    const names = Object.keys(columns);
    const deadline = `CAST(${given.of("deadline")} AS bigint)`;
    // What nobody has finished or purged, and has events to send (setting.ts).
    const followed = dialect.setsListed ? { names: ", listed_as, expires_at", values: `, 'live', ${deadline}` } : { names: "", values: "" };
    const owned = `${given.of("owner")} IS NOT NULL`;
    return `INSERT INTO ${dialect.table("runs")} (${names.join(", ")}, status, attempt, wake_id, started_at, claimed_at,
          created_at, queued_at, sweep_at, look_at, unsent_since${followed.names})
        SELECT ${names.map((name) => (name === "deadline" ? deadline : given.of(name))).join(", ")},
          CASE WHEN ${owned} THEN 'running' ELSE 'queued' END, CASE WHEN ${owned} THEN 1 ELSE 0 END,
          ${given.of("owner")}, CASE WHEN ${owned} THEN ${now} END, CASE WHEN ${owned} THEN ${now} END,
          ${now}, ${now}, CASE WHEN ${owned} THEN ${now} ELSE ${now} + ${FIRST_SWEEP_MS} END, ${now} + ${LOOK_AFTER_MS}, ${now}${followed.values}
        ${given.from} WHERE true ON CONFLICT DO NOTHING RETURNING run_id, created_at, started_at`;
  };
  const insert = sql.grouped(overRows(dialect, "insert", COLUMNS, toInsert), { patience: "caller" });
  const insertTagged = sql.grouped(
    overRows(dialect, "insert_tagged", COLUMNS, (given) => dialect.keepingTags(toInsert(given))),
    { patience: "caller" },
  );
  // A statement of its own, so that plain runs cost what they did.
  const insertRare = sql.grouped(
    overRows(dialect, "insert_rare", RARE_COLUMNS, (given) => dialect.keepingTags(toInsert(given, RARE_COLUMNS))),
    { patience: "caller" },
  );
  const put = (run: NewRun, row: Row) => {
    if (run.cause !== undefined || run.overrides !== undefined) return insertRare({ ...row, ...toRareRow(run) });
    return Object.keys(run.tags).length > 0 ? insertTagged(row) : insert(row);
  };
  const rival = {
    name: "rival",
    text: `SELECT ${listed(RUN_COLUMNS, ["fingerprint", "idempotency_key", "origin", "wake_id"])} FROM ${dialect.table("runs")}
      WHERE run_id = $1 OR idempotency_key = $2 OR origin = $3
      ORDER BY CASE WHEN run_id = $1 THEN 0 WHEN idempotency_key = $2 THEN 1 ELSE 2 END LIMIT 1`,
  };

  return async (run) => {
    const given = faults.noCauseCheck === true ? { ...toRow(run), origin: null } : toRow(run);
    // The rival may be purged between the two statements: then the cause is free again.
    for (let tries = 0; tries < 3; tries++) {
      const { row } = await put(run, given);
      if (row !== undefined) return { inserted: true, run: asAccepted(run, row), fingerprint: run.fingerprint ?? null };
      const found = (await sql.ask(rival, [run.runId, run.idempotencyKey ?? null, run.origin ?? null])).rows[0];
      if (found !== undefined)
        return { inserted: isSameInsert(given, found, faults), run: parseRun(found), fingerprint: found.fingerprint as string | null };
    }
    throw new OpenVibeError("OV_STORE_UNAVAILABLE", `run ${run.runId}: another run with its cause comes and goes`);
  };
}

function toRow(run: NewRun): Row {
  return {
    run_id: run.runId,
    operator_id: run.operatorId,
    workflow_id: run.workflowId,
    trigger_id: run.trigger,
    definition: run.definition,
    input: toJson(run.input, run.runId, "input"),
    ignored_input: toJson(run.ignoredInput, run.runId, "list of ignored input"),
    tags: toJson(run.tags, run.runId, "tags"),
    // As text: the numbers that travel with a group have 32 bits.
    deadline: run.deadline === undefined ? null : String(run.deadline),
    idempotency_key: run.idempotencyKey ?? null,
    fingerprint: run.fingerprint ?? null,
    origin: run.origin ?? null,
    parent_run_id: run.parentRunId ?? null,
    rerun_of: run.rerunOf ?? null,
    traceparent: run.traceparent ?? null,
    owner: run.claimedBy ?? null,
    ...firstEvents(run),
  };
}

function toRareRow({ cause, overrides, runId }: NewRun): Row {
  return {
    cause: cause === undefined ? null : toJson(cause, runId, "cause"),
    hops: cause?.hops ?? 0,
    overrides: overrides === undefined ? null : toJson(overrides, runId, "overrides"),
  };
}

function firstEvents(run: NewRun): Row {
  const events = run.claimedBy === undefined || run.started === undefined ? [run.event] : [run.event, run.started];
  return { events: toJson(events, run.runId, "first events"), last_sequence: events.length - 1 };
}

const IDENTITY = ["run_id", "operator_id", "workflow_id", "idempotency_key", "fingerprint", "origin"];

/**
 * After a lost answer the same INSERT meets itself: it has won. One that begins the run in its owner's hands has not where the run was stored by another,
 * or claimed since: `wake_id` says who made the wake-up that the run stands at, and is written by no claim.
 */
function isSameInsert(mine: Row, found: Row, { noBirthCheck = false }: StoreFaults): boolean {
  const same = IDENTITY.every((column) => mine[column] === found[column]);
  return (
    same &&
    (mine.owner === null || noBirthCheck || (found.wake_id === mine.owner && found.attempt === 1 && found.status === RunStatus.Running))
  );
}

function asAccepted(run: NewRun, row: Row): Run {
  const owned = run.claimedBy !== undefined;
  return {
    runId: run.runId,
    operatorId: run.operatorId,
    workflowId: run.workflowId,
    trigger: run.trigger,
    definition: run.definition,
    status: owned ? RunStatus.Running : RunStatus.Queued,
    input: run.input,
    output: {},
    error: null,
    interrupt: null,
    metrics: NO_METRICS,
    parentRunId: run.parentRunId ?? null,
    rerunOf: run.rerunOf ?? null,
    ignoredInput: run.ignoredInput,
    attempt: owned ? 1 : 0,
    step: 0,
    wake: 0,
    cancelRequested: false,
    tags: run.tags,
    deadline: run.deadline ?? null,
    ...(run.traceparent === undefined ? {} : { traceparent: run.traceparent }),
    createdAt: row.created_at as number,
    startedAt: row.started_at as number | null,
    completedAt: null,
  };
}
