import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("everything that is counted appears under its name with its labels", async () => {
  const metrics = createMetrics({ version: "1.2.3", processMetrics: false });

  metrics.runEnded({ operatorId: "hello", workflowId: "greet", status: "completed", durationSeconds: 0.2 });
  metrics.runEnded({ operatorId: "hello", workflowId: "greet", status: "completed", durationSeconds: 0.4 });
  metrics.nodeEnded({ type: "llm", durationSeconds: 0.1 });
  metrics.llmCalled({ provider: "echo", model: "haiku", outcome: "ok", tokensIn: 10, tokensOut: 5, cacheReadTokens: 3, costUsd: 0.5 });
  metrics.llmCalled({ provider: "echo", model: "haiku", outcome: "ok", tokensIn: 1, tokensOut: 1, costUsd: null });
  metrics.activationsInflight(1);
  metrics.activationsInflight(1);
  metrics.activationsInflight(-1);
  metrics.activationRedelivered("hello");
  metrics.deadLettered("unknown_run");
  metrics.sseClients(1);
  metrics.sseClientDropped("slow");
  metrics.webhookAttempted("delivered");
  metrics.slotsPassed({ operatorId: "hello", triggerId: "nightly", outcome: "missed", count: 3 });
  metrics.httpRequestEnded({ method: "POST", route: "/v1/operators/:operator_id/activate", status: 202 });

  const lines = (await metrics.text()).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'openvibe_runs_total{operator="hello",workflow="greet",status="completed"} 2',
      'openvibe_run_duration_seconds_count{operator="hello",workflow="greet"} 2',
      'openvibe_node_duration_seconds_count{type="llm"} 1',
      'openvibe_llm_requests_total{provider="echo",model="haiku",outcome="ok"} 2',
      'openvibe_llm_tokens_total{provider="echo",model="haiku",type="input"} 11',
      'openvibe_llm_tokens_total{provider="echo",model="haiku",type="output"} 6',
      'openvibe_llm_tokens_total{provider="echo",model="haiku",type="cache_read"} 3',
      'openvibe_llm_cost_usd_total{provider="echo",model="haiku"} 0.5',
      'openvibe_llm_unpriced_total{provider="echo",model="haiku"} 1',
      "openvibe_activations_inflight 1",
      'openvibe_activation_redeliveries_total{operator="hello"} 1',
      'openvibe_dead_letters_total{reason="unknown_run"} 1',
      "openvibe_sse_clients 1",
      'openvibe_sse_dropped_clients_total{reason="slow"} 1',
      'openvibe_webhook_attempts_total{outcome="delivered"} 1',
      'openvibe_schedule_slots_total{operator="hello",trigger="nightly",outcome="missed"} 3',
      'openvibe_http_requests_total{method="POST",route="/v1/operators/:operator_id/activate",status="202"} 1',
      `openvibe_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]),
  );
});

test("asking twice tells the same counts, and what came in between", async () => {
  const metrics = createMetrics({ processMetrics: false });

  metrics.deadLettered("unknown_run");
  await metrics.text();
  metrics.deadLettered("unknown_run");

  expect(await metrics.text()).toContain('openvibe_dead_letters_total{reason="unknown_run"} 2');
});

test("two registries in one process count apart", async () => {
  const [one, other] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })];

  one.deadLettered("unknown_run");

  expect(await other.text()).not.toContain("unknown_run");
});

test("the process's own metrics are on unless they are switched off", async () => {
  expect(await createMetrics().text()).toContain("process_cpu_user_seconds_total");
  expect(await createMetrics({ processMetrics: false }).text()).not.toContain("process_cpu_user_seconds_total");
});
