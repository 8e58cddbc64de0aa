import {
  type Interrupt,
  type JsonObject,
  NO_METRICS,
  type Outbox,
  type Parked,
  type PendingEvent,
  type Run,
  type RunCause,
  type RunError,
  type RunMetrics,
  type RunOverrides,
  RunStatus,
  type Tags,
  type WakeKind,
} from "@openvibe/core";
import type { ClaimedRun } from "../runs.ts";
import { fromKept, type KeptState } from "./kept-state.ts";
import type { Row } from "./statement.ts";
import { withOutput } from "./told-output.ts";

/** The columns of `runs` as both databases give them. JSON is text in both. */
interface RunRow {
  readonly run_id: string;
  readonly operator_id: string;
  readonly workflow_id: string;
  readonly trigger_id: string;
  readonly definition: string;
  readonly status: RunStatus;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly interrupt: string | null;
  readonly metrics: string | null;
  readonly parent_run_id: string | null;
  readonly rerun_of: string | null;
  readonly traceparent: string | null;
  readonly ignored_input: string;
  readonly attempt: number;
  readonly step: number;
  readonly wake: number;
  readonly cancel_requested: number;
  readonly tags: string;
  readonly deadline: number | null;
  readonly parked: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly events: string;
  readonly events_from: number;
  readonly state: string | null;
  readonly position: string | null;
  readonly wake_kind: WakeKind;
  readonly wake_body: string | null;
  readonly silent_claims: number;
  readonly cause: string | null;
  readonly overrides: string | null;
}

export function parseRun(row: Row): Run {
  const r = row as unknown as RunRow;
  return {
    runId: r.run_id,
    operatorId: r.operator_id,
    workflowId: r.workflow_id,
    trigger: r.trigger_id,
    definition: r.definition,
    status: r.status,
    input: JSON.parse(r.input) as JsonObject,
    output: parseOr<JsonObject>(r.output, {}),
    error: parseOr<RunError | null>(r.error, null),
    // The row keeps it until the next write, for the one who claims the wake-up; everybody else sees it while the run waits.
    interrupt: r.status === RunStatus.Waiting ? parseOr<Interrupt | null>(r.interrupt, null) : null,
    metrics: parseOr<RunMetrics>(r.metrics, NO_METRICS),
    parentRunId: r.parent_run_id,
    rerunOf: r.rerun_of,
    ignoredInput: JSON.parse(r.ignored_input) as readonly string[],
    attempt: r.attempt,
    step: r.step,
    wake: r.wake,
    cancelRequested: r.cancel_requested === 1,
    tags: JSON.parse(r.tags) as Tags,
    deadline: r.deadline,
    // The row keeps it until the next wake-up, for the one who claims; everybody else sees it while nobody has the run.
    ...(r.parked === null || r.status !== RunStatus.Queued ? {} : { parked: JSON.parse(r.parked) as Parked }),
    ...(r.traceparent === null ? {} : { traceparent: r.traceparent }),
    createdAt: r.created_at,
    startedAt: r.started_at,
    completedAt: r.completed_at,
  };
}

export function parseOutbox(row: Row): Outbox {
  const r = row as unknown as RunRow;
  const events = JSON.parse(r.events) as readonly PendingEvent[];
  return { from: r.events_from, events: r.output === null ? events : withOutput(events, JSON.parse(r.output) as JsonObject) };
}

export function parseClaimed(row: Row): ClaimedRun {
  const r = row as unknown as RunRow;
  const run = parseRun(row);
  return {
    run: {
      ...run,
      interrupt: parseOr<Interrupt | null>(r.interrupt, null),
      ...(r.parked === null ? {} : { parked: JSON.parse(r.parked) as Parked }),
    },
    state: r.state === null ? null : fromKept(JSON.parse(r.state) as KeptState, run.input),
    position: r.position,
    outbox: parseOutbox(row),
    wakeKind: r.wake_kind,
    wakeBody: parseOr<JsonObject | null>(r.wake_body, null),
    silentClaims: r.silent_claims,
    ...(r.cause === null ? {} : { cause: JSON.parse(r.cause) as RunCause }),
    ...(r.overrides === null ? {} : { overrides: JSON.parse(r.overrides) as RunOverrides }),
  };
}

function parseOr<T>(text: string | null, absent: T): T {
  return text === null ? absent : (JSON.parse(text) as T);
}
