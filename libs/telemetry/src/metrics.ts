/** Everything OpenVibe counts, as one typed object over the table of metrics. */
import type { FinalStatus, StepManifest } from "@openvibe/core";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { createCells } from "./cells.ts";
import { createChildren } from "./children.ts";
import { createFold } from "./fold.ts";
import { METRICS, type MetricName } from "./metric-table.ts";
import { VERSION } from "./version.ts";

export interface RunEnd {
  readonly operatorId: string;
  readonly workflowId: string;
  readonly status: FinalStatus;
  /** `null`: it was never claimed. */
  readonly durationSeconds: number | null;
}

export interface NodeEnd {
  readonly type: StepManifest["kind"];
  readonly durationSeconds: number;
}

export interface LlmCallEnd {
  readonly provider: string;
  readonly model: string;
  /** `ok`, or the problem's code. */
  readonly outcome: string;
  /** All input tokens, those read from and written to a cache included. */
  readonly tokensIn?: number;
  readonly tokensOut?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  /** `null`: the price is not known. Leave it out where there was no answer to pay for. */
  readonly costUsd?: number | null;
}

export interface Metrics {
  runEnded(end: RunEnd): void;
  nodeEnded(end: NodeEnd): void;
  llmCalled(call: LlmCallEnd): void;
  /** +1 when a worker takes an activation, -1 when it settles it. */
  activationsInflight(change: 1 | -1): void;
  activationRedelivered(operatorId: string): void;
  deadLettered(reason: string): void;
  /** +1 when a client of the event stream comes, -1 when it goes. */
  sseClients(change: 1 | -1): void;
  sseClientDropped(reason: string): void;
  webhookAttempted(outcome: "delivered" | "failed" | "dead_lettered"): void;
  slotsPassed(passed: {
    readonly operatorId: string;
    readonly triggerId: string;
    readonly outcome: "started" | "missed" | "refused";
    readonly count: number;
  }): void;
  httpRequestEnded(request: { readonly method: string; readonly route: string; readonly status: number }): void;
  /** What Prometheus scrapes. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  /** Of OpenVibe, for `openvibe_build_info`. */
  readonly version?: string;
  /** Metrics of the process itself (memory, event loop, garbage collection); on by default. */
  readonly processMetrics?: boolean;
}

const RUN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
const NODE_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A registry of its own each time, so that two services in one process, or two tests, count apart. */
export function createMetrics({ version = VERSION, processMetrics = true }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const fold = createFold();
  const cells = createCells(registry, fold);
  const counter = (name: MetricName) => cells(name, METRICS[name]);
  const histogram = (name: MetricName, buckets: number[]) => {
    const { help, labels } = METRICS[name];
    const whole = new Histogram<string>({ name, help, labelNames: [...labels], buckets, registers });
    return createChildren(labels, fold, (values) => whole.labels(...values));
  };
  const gauge = (name: MetricName) => {
    const { help, labels } = METRICS[name];
    return new Gauge<string>({ name, help, labelNames: [...labels], registers });
  };

  const runs = counter("openvibe_runs_total");
  const runSeconds = histogram("openvibe_run_duration_seconds", RUN_SECONDS);
  const nodeSeconds = histogram("openvibe_node_duration_seconds", NODE_SECONDS);
  const llmRequests = counter("openvibe_llm_requests_total");
  const llmTokens = counter("openvibe_llm_tokens_total");
  const llmCost = counter("openvibe_llm_cost_usd_total");
  const llmUnpriced = counter("openvibe_llm_unpriced_total");
  const inflight = gauge("openvibe_activations_inflight");
  const redeliveries = counter("openvibe_activation_redeliveries_total");
  const deadLetters = counter("openvibe_dead_letters_total");
  const sseClients = gauge("openvibe_sse_clients");
  const sseDropped = counter("openvibe_sse_dropped_clients_total");
  const webhookAttempts = counter("openvibe_webhook_attempts_total");
  const slots = counter("openvibe_schedule_slots_total");
  const requests = counter("openvibe_http_requests_total");
  gauge("openvibe_build_info").set({ version, node: process.version }, 1);
  if (processMetrics) collectDefaultMetrics({ register: registry });

  return {
    runEnded({ operatorId, workflowId, status, durationSeconds }) {
      runs(operatorId, workflowId, status).value++;
      if (durationSeconds !== null) runSeconds(operatorId, workflowId).observe(durationSeconds);
      if (status === "dead_lettered") deadLetters("run_abandoned").value++;
    },
    nodeEnded({ type, durationSeconds }) {
      nodeSeconds(type).observe(durationSeconds);
    },
    llmCalled({ provider, model, outcome, tokensIn = 0, tokensOut = 0, cacheReadTokens = 0, cacheWriteTokens = 0, costUsd }) {
      llmRequests(provider, model, outcome).value++;
      llmTokens(provider, model, "input").value += tokensIn;
      llmTokens(provider, model, "output").value += tokensOut;
      if (cacheReadTokens > 0) llmTokens(provider, model, "cache_read").value += cacheReadTokens;
      if (cacheWriteTokens > 0) llmTokens(provider, model, "cache_write").value += cacheWriteTokens;
      if (costUsd === null) llmUnpriced(provider, model).value++;
      else if (costUsd !== undefined) llmCost(provider, model).value += costUsd;
    },
    activationsInflight: (change) => inflight.inc(change),
    activationRedelivered: (operatorId) => void redeliveries(operatorId).value++,
    deadLettered: (reason) => void deadLetters(reason).value++,
    sseClients: (change) => sseClients.inc(change),
    sseClientDropped: (reason) => void sseDropped(reason).value++,
    webhookAttempted: (outcome) => void webhookAttempts(outcome).value++,
    slotsPassed({ operatorId, triggerId, outcome, count }) {
      slots(operatorId, triggerId, outcome).value += count;
    },
    httpRequestEnded: ({ method, route, status }) => void requests(method, route, String(status)).value++,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
