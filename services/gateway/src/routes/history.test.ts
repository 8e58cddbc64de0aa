import type { StepRecord } from "@openvibe/core";
import { NO_METRICS } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { HistoryBody } from "../schemas/history.ts";

const at = (runId: string) => `/v1/operators/company_intel/runs/${runId}/history`;

const RECORD: StepRecord = {
  node_id: "write",
  kind: "llm",
  attempt: 1,
  tries: 2,
  started_at: "2026-11-22T10:30:00.000Z",
  duration_ms: 12.5,
  patch: { report: "It makes things." },
  next: null,
  model: "claude-haiku-5-5",
  llm_calls: 2,
  tokens_in: 20,
  tokens_out: 5,
  cost_usd: null,
};

/** As a worker: takes the run and ends it with its only step. */
async function finish({ store }: GatewayUnderTest, runId: string, history?: readonly StepRecord[]): Promise<void> {
  const { claimed } = await store.runs.claim({ runId, wake: 0, owner: "worker-1" });
  if (claimed === undefined) throw new Error("the claim was refused");
  await store.runs.write({
    runId,
    attempt: 1,
    step: 1,
    status: "completed",
    state: {},
    position: null,
    metrics: { ...NO_METRICS, nodes_executed: 1 },
    outbox: claimed.outbox,
    ...(history === undefined ? {} : { history }),
  });
}

describe("GET …/history", () => {
  test("tells what each step did, in the documented form", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start({ company_name: "Stripe" });
    await finish(gateway, runId, [RECORD]);

    const answer = await gateway.ask("GET", at(runId));

    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      run_id: runId,
      operator_id: "company_intel",
      workflow_id: "research",
      status: "completed",
      recorded: true,
      input: { company_name: "Stripe" },
      data: [RECORD],
      has_more: false,
      next_cursor: null,
    });
    expect(HistoryBody.strict().parse(answer.json())).toEqual(answer.json());
  });

  test("of a run that has not begun is empty; of one whose steps nobody kept it says so", async () => {
    await using gateway = await openGateway();
    const queued = await gateway.start();
    const unrecorded = await gateway.start();
    await finish(gateway, unrecorded);

    expect((await gateway.ask("GET", at(queued))).json()).toMatchObject({ status: "queued", recorded: true, data: [] });
    expect((await gateway.ask("GET", at(unrecorded))).json()).toMatchObject({ status: "completed", recorded: false, data: [] });
  });

  test("comes in pages", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    const { claimed } = await gateway.store.runs.claim({ runId, wake: 0, owner: "worker-1" });
    for (const step of [1, 2, 3])
      await gateway.store.runs.write({
        ...{ runId, attempt: 1, step, status: "running", state: {}, position: "write", metrics: NO_METRICS },
        outbox: { from: 0, events: claimed?.outbox.events ?? [] },
        history: [{ ...RECORD, node_id: `s${step}` }],
      });

    const first = (await gateway.ask("GET", `${at(runId)}?limit=2`)).json<{ data: StepRecord[]; next_cursor: string }>();
    const second = await gateway.ask("GET", `${at(runId)}?limit=2&cursor=${first.next_cursor}`);

    expect(first).toMatchObject({ data: [{ node_id: "s1" }, { node_id: "s2" }], has_more: true });
    expect(second.json()).toMatchObject({ data: [{ node_id: "s3" }], has_more: false, next_cursor: null });
    expect((await gateway.ask("GET", `${at(runId)}?cursor=x`)).json()).toMatchObject({ status: 400, code: "OV_PARAMETER_INVALID" });
  });

  test("of another operator's run, or of none, is not found", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();

    for (const url of [`/v1/operators/hello/runs/${runId}/history`, at("run_none")])
      expect((await gateway.ask("GET", url)).json()).toMatchObject({ status: 404, code: "OV_RUN_NOT_FOUND" });
    expect((await gateway.ask("GET", at("Run!"))).statusCode).toBe(400);
    expect((await gateway.ask("DELETE", at(runId))).statusCode).toBe(405);
  });
});

describe("traceparent", () => {
  const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  const eventsOf = async (gateway: GatewayUnderTest, runId: string) =>
    (await gateway.ask("GET", `/v1/operators/company_intel/runs/${runId}/events`)).json<{ data: { traceparent?: string }[] }>().data;

  test("of an activation stands on the run's events", async () => {
    await using gateway = await openGateway();
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;

    const answer = await gateway.activate(undefined, { traceparent });

    const events = await eventsOf(gateway, answer.json<{ run_id: string }>().run_id);
    expect(events.map((event) => event.traceparent)).toEqual([traceparent]);
  });

  test.each(["nonsense", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`, ""])("that is malformed (%j) is passed over", async (traceparent) => {
    await using gateway = await openGateway();

    const answer = await gateway.activate(undefined, { traceparent });

    expect(answer.statusCode).toBe(202);
    const events = await eventsOf(gateway, answer.json<{ run_id: string }>().run_id);
    expect(events.map((event) => event.traceparent)).toEqual([undefined]);
  });
});
