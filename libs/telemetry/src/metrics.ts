/** Everything OpenVibe counts, as one typed object: longer than two screens because it is the table of all metric names, which are promises. */
import type { FinalStatus, StepManifest } from "@openvibe/core";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { createCells } from "./cells.ts";

export interface RunEnd {
  readonly operatorId: string;
  readonly workflowId: string;
  readonly status: FinalStatus;
  readonly durationSeconds: number;
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
export function createMetrics({ version = "0.1.0", processMetrics = true }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = createCells(registry);

  const runs = counter("openvibe_runs_total", "Runs that ended.", ["operator", "workflow", "status"]);
  const llmRequests = counter("openvibe_llm_requests_total", "Calls of models, each attempt counted.", ["provider", "model", "outcome"]);
  const llmTokens = counter("openvibe_llm_tokens_total", "Tokens, by type; input includes what a cache gave.", [
    "provider",
    "model",
    "type",
  ]);
  const llmCost = counter("openvibe_llm_cost_usd_total", "Money of model calls whose price is known.", ["provider", "model"]);
  const llmUnpriced = counter("openvibe_llm_unpriced_total", "Model calls whose price is not known.", ["provider", "model"]);
  const redeliveries = counter("openvibe_activation_redeliveries_total", "Activations that came a second time.", ["operator"]);
  const deadLetters = counter("openvibe_dead_letters_total", "Runs and messages that were given up.", ["reason"]);
  const sseDropped = counter("openvibe_sse_dropped_clients_total", "Clients of the event stream that were dropped.", ["reason"]);
  const requests = counter("openvibe_http_requests_total", "HTTP requests answered.", ["method", "route", "status"]);

  const runSeconds = histogram({
    name: "openvibe_run_duration_seconds",
    help: "From the first claim to the end, waits included.",
    buckets: RUN_SECONDS,
    labelNames: ["operator", "workflow"],
    registers,
  });
  const nodeSeconds = histogram({
    name: "openvibe_node_duration_seconds",
    help: "One node, its retries included.",
    buckets: NODE_SECONDS,
    labelNames: ["type"],
    registers,
  });
  const inflight = new Gauge({ name: "openvibe_activations_inflight", help: "Activations in the hands of this process.", registers });
  const sseClients = new Gauge({ name: "openvibe_sse_clients", help: "Clients of the event stream.", registers });
  new Gauge({ name: "openvibe_build_info", help: "What is running; always 1.", labelNames: ["version", "node"], registers }).set(
    { version, node: process.version },
    1,
  );
  if (processMetrics) collectDefaultMetrics({ register: registry });

  return {
    runEnded({ operatorId, workflowId, status, durationSeconds }) {
      runs(operatorId, workflowId, status).value++;
      runSeconds(operatorId, workflowId).observe(durationSeconds);
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
    httpRequestEnded: ({ method, route, status }) => void requests(method, route, String(status)).value++,
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** A histogram whose children are looked up once per combination of labels. */
function histogram<Label extends string>(
  options: ConstructorParameters<typeof Histogram<Label>>[0],
): (...labels: readonly string[]) => Histogram.Internal<Label> {
  const whole = new Histogram(options);
  const children = new Map<string, Histogram.Internal<Label>>();
  return (...labels) => {
    const key = labels.length === 1 ? (labels[0] ?? "") : labels.join("\n");
    let child = children.get(key);
    if (child === undefined) {
      child = whole.labels(...labels);
      children.set(key, child);
    }
    return child;
  };
}
