import { describe, expect, test } from "vitest";
import { findJsonFault } from "./json.ts";
import { NO_METRICS, type Run, toRunBody } from "./run.ts";

const QUEUED: Run = {
  runId: "run_1",
  operatorId: "revenue_ops",
  workflowId: "lead_qualification",
  trigger: "webhook_new_lead",
  definition: "0123456789abcdef",
  status: "queued",
  input: { contactId: "c1" },
  output: {},
  error: null,
  interrupt: null,
  metrics: NO_METRICS,
  parentRunId: null,
  rerunOf: null,
  ignoredInput: [],
  attempt: 0,
  step: 0,
  wake: 0,
  cancelRequested: false,
  tags: {},
  deadline: null,
  createdAt: Date.UTC(2026, 10, 22, 10, 30),
  startedAt: null,
  completedAt: null,
};
const FULL: Run = {
  ...QUEUED,
  status: "failed",
  output: { score: 85 },
  error: { code: "OV_NODE_FAILED", message: "boom", node_id: "score" },
  interrupt: { kind: "human", node_id: "approve", data: { prompt: "Sure?" } },
  metrics: { ...NO_METRICS, cost_usd: null },
  parentRunId: "run_0",
  rerunOf: "run_00",
  ignoredInput: ["colour"],
  attempt: 2,
  cancelRequested: true,
  deadline: Date.UTC(2026, 10, 23),
  startedAt: Date.UTC(2026, 10, 22, 10, 30, 1),
  completedAt: Date.UTC(2026, 10, 22, 10, 30, 2, 5),
};

describe("a run on the wire", () => {
  test("that waits for its first worker has no more than it has", () => {
    expect(toRunBody(QUEUED)).toStrictEqual({
      run_id: "run_1",
      operator_id: "revenue_ops",
      workflow_id: "lead_qualification",
      trigger: "webhook_new_lead",
      status: "queued",
      input: { contactId: "c1" },
      output: {},
      metrics: { ...NO_METRICS },
      ignored_input: [],
      attempt: 0,
      version: "0123456789abcdef",
      tags: {},
      created_at: "2026-11-22T10:30:00.000Z",
      started_at: null,
      completed_at: null,
    });
  });

  test("shows everything that is known of it, in snake_case", () => {
    expect(toRunBody(FULL)).toStrictEqual({
      run_id: "run_1",
      operator_id: "revenue_ops",
      workflow_id: "lead_qualification",
      trigger: "webhook_new_lead",
      status: "failed",
      input: { contactId: "c1" },
      output: { score: 85 },
      error: { code: "OV_NODE_FAILED", message: "boom", node_id: "score" },
      interrupt: { kind: "human", node_id: "approve", data: { prompt: "Sure?" } },
      metrics: { ...NO_METRICS, cost_usd: null },
      parent_run_id: "run_0",
      rerun_of: "run_00",
      ignored_input: ["colour"],
      attempt: 2,
      version: "0123456789abcdef",
      tags: {},
      deadline: "2026-11-23T00:00:00.000Z",
      cancel_requested: true,
      created_at: "2026-11-22T10:30:00.000Z",
      started_at: "2026-11-22T10:30:01.000Z",
      completed_at: "2026-11-22T10:30:02.005Z",
    });
  });

  test.each([
    ["queued", QUEUED],
    ["full", FULL],
  ])("is plain JSON without undefined (%s)", (_name, run) => {
    const body = toRunBody(run);

    expect(findJsonFault(body)).toBeUndefined();
    expect(JSON.parse(JSON.stringify(body))).toStrictEqual(body);
    for (const key of Object.keys(body)) expect(key).toMatch(/^[a-z_]+$/);
  });
});
