import type { OperatorId, RunId, WorkflowId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { Parked } from "./parked.ts";
import type { RunError } from "./problems.ts";
import type { RunStatus } from "./run-status.ts";

/** What a run used. Money is `null` as soon as one call's price is unknown, never 0 for unknown. */
export interface RunMetrics {
  /** From the first claim to the end, waits included; seconds. */
  readonly duration_seconds: number;
  /** All input tokens, those read from and written to a cache included. */
  readonly tokens_in: number;
  readonly tokens_out: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly cost_usd: number | null;
  /** Nodes that finished. */
  readonly nodes_executed: number;
  /** Failed attempts of nodes. */
  readonly nodes_failed: number;
  readonly llm_calls: number;
}

export const NO_METRICS: RunMetrics = {
  duration_seconds: 0,
  tokens_in: 0,
  tokens_out: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: 0,
  nodes_executed: 0,
  nodes_failed: 0,
  llm_calls: 0,
};

/** What a waiting run waits for. */
export interface Interrupt {
  /** `retry`: for its node's next attempt. */
  readonly kind: "human" | "timer" | "event" | "child" | "retry";
  readonly node_id: string;
  readonly data: JsonObject;
}

/** What a caller keeps with a run to find it again: short texts by name. */
export type Tags = Readonly<Record<string, string>>;

/** A run as everybody may read it. Times are milliseconds since 1970. */
export interface Run {
  readonly runId: RunId;
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly trigger: string;
  /** Version (hash) of the operator's manifest that the run goes by: the one it was accepted with, until a worker with another, fitting one goes on with it. */
  readonly definition: string;
  readonly status: RunStatus;
  readonly input: JsonObject;
  /** Every state field given as input or written by a node; empty before the end. */
  readonly output: JsonObject;
  readonly error: RunError | null;
  readonly interrupt: Interrupt | null;
  readonly metrics: RunMetrics;
  readonly parentRunId: RunId | null;
  readonly rerunOf: RunId | null;
  readonly ignoredInput: readonly string[];
  readonly attempt: number;
  /** Steps committed so far. */
  readonly step: number;
  readonly wake: number;
  readonly cancelRequested: boolean;
  readonly tags: Tags;
  /** When the run times out wherever it stands; `null` without such a time. */
  readonly deadline: number | null;
  /** Of a queued run that no worker so far has a fitting version for. */
  readonly parked?: Parked;
  /** W3C trace context of whoever asked for the run, where it came with one. */
  readonly traceparent?: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
}

/** A run on the wire (snake_case). */
export function toRunBody(run: Run): JsonObject {
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    run_id: run.runId,
    operator_id: run.operatorId,
    workflow_id: run.workflowId,
    trigger: run.trigger,
    status: run.status,
    input: run.input,
    output: run.output,
    ...(run.error === null ? {} : { error: { ...run.error } }),
    ...(run.interrupt === null ? {} : { interrupt: { ...run.interrupt } }),
    ...(run.parked === undefined ? {} : { parked: { ...run.parked } }),
    metrics: { ...run.metrics },
    ...(run.parentRunId === null ? {} : { parent_run_id: run.parentRunId }),
    ...(run.rerunOf === null ? {} : { rerun_of: run.rerunOf }),
    ignored_input: run.ignoredInput,
    attempt: run.attempt,
    version: run.definition,
    tags: run.tags,
    ...(run.deadline === null ? {} : { deadline: iso(run.deadline) }),
    ...(run.cancelRequested ? { cancel_requested: true } : {}),
    created_at: iso(run.createdAt),
    started_at: iso(run.startedAt),
    completed_at: iso(run.completedAt),
  };
}
