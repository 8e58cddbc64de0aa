import { expect, test } from "vitest";
import { createMetrics } from "./index.ts";

test("a label keeps its first 200 values; what comes later counts as other", async () => {
  const metrics = createMetrics({ processMetrics: false });

  for (let n = 0; n < 10_000; n++) {
    metrics.runEnded({ operatorId: `operator_${n}`, workflowId: "greet", status: "completed", durationSeconds: 1 });
    metrics.llmCalled({ provider: "echo", model: `model-${n}`, outcome: "ok" });
  }

  const lines = (await metrics.text()).split("\n");
  const runs = lines.filter((line) => line.startsWith("openvibe_runs_total{"));
  expect(runs).toHaveLength(201);
  expect(runs.at(-1)).toBe('openvibe_runs_total{operator="other",workflow="greet",status="completed"} 9800');
  expect(lines).toContain('openvibe_run_duration_seconds_count{operator="other",workflow="greet"} 9800');
  expect(lines.filter((line) => line.startsWith("openvibe_llm_requests_total{"))).toHaveLength(201);
});

test("a value that is too long for a label counts as other", async () => {
  const metrics = createMetrics({ processMetrics: false });

  metrics.deadLettered("x".repeat(1_000));

  expect(await metrics.text()).toContain('openvibe_dead_letters_total{reason="other"} 1');
});

test("a run that was never claimed counts, without a duration", async () => {
  const metrics = createMetrics({ processMetrics: false });

  metrics.runEnded({ operatorId: "hello", workflowId: "greet", status: "cancelled", durationSeconds: null });

  const text = await metrics.text();
  expect(text).toContain('openvibe_runs_total{operator="hello",workflow="greet",status="cancelled"} 1');
  expect(text).not.toContain("openvibe_run_duration_seconds_count");
});
