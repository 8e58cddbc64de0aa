/** Every metric OpenVibe exports. Names and labels are promises; docs/metrics.md repeats this table, and a test compares the two. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  /** What is counted; Prometheus shows it as HELP. */
  readonly help: string;
  readonly labels: readonly string[];
}

export const METRICS = {
  openvibe_runs_total: {
    type: "counter",
    help: "Runs that ended.",
    labels: ["operator", "workflow", "status"],
  },
  openvibe_run_duration_seconds: {
    type: "histogram",
    help: "From a run's first claim to its end, waits included; a run that ended unclaimed has none.",
    labels: ["operator", "workflow"],
  },
  openvibe_node_duration_seconds: {
    type: "histogram",
    help: "One node, its retries included.",
    labels: ["type"],
  },
  openvibe_llm_requests_total: {
    type: "counter",
    help: "Calls of models, each attempt counted; outcome is ok or the problem's code.",
    labels: ["provider", "model", "outcome"],
  },
  openvibe_llm_tokens_total: {
    type: "counter",
    help: "Tokens by type: input (those of a cache included), output, cache_read, cache_write.",
    labels: ["provider", "model", "type"],
  },
  openvibe_llm_cost_usd_total: {
    type: "counter",
    help: "US dollars of model calls whose price is known.",
    labels: ["provider", "model"],
  },
  openvibe_llm_unpriced_total: {
    type: "counter",
    help: "Model calls whose price is not known.",
    labels: ["provider", "model"],
  },
  openvibe_activations_inflight: {
    type: "gauge",
    help: "Runs in the hands of this process.",
    labels: [],
  },
  openvibe_activation_redeliveries_total: {
    type: "counter",
    help: "Activations that came a second time, or too late.",
    labels: ["operator"],
  },
  openvibe_dead_letters_total: {
    type: "counter",
    help: "Runs and activations that were given up.",
    labels: ["reason"],
  },
  openvibe_sse_clients: {
    type: "gauge",
    help: "Clients of event streams that are connected now.",
    labels: [],
  },
  openvibe_sse_dropped_clients_total: {
    type: "counter",
    help: "Clients of event streams that were cut because they did not keep up.",
    labels: ["reason"],
  },
  openvibe_webhook_attempts_total: {
    type: "counter",
    help: "Attempts to deliver a webhook; outcome is delivered, failed (it is tried again) or dead_lettered.",
    labels: ["outcome"],
  },
  openvibe_schedule_slots_total: {
    type: "counter",
    help: "Times of the clock that have come; outcome is started (it has a run), missed (nothing looked in time) or refused.",
    labels: ["operator", "trigger", "outcome"],
  },
  openvibe_http_requests_total: {
    type: "counter",
    help: "HTTP requests answered; route is the pattern, unmatched where there is none.",
    labels: ["method", "route", "status"],
  },
  openvibe_build_info: {
    type: "gauge",
    help: "What is running; always 1.",
    labels: ["version", "node"],
  },
} as const satisfies Record<`openvibe_${string}`, MetricRow>;

export type MetricName = keyof typeof METRICS;
