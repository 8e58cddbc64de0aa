import type { StepRecord } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { HistoryBody } from "../schemas/history.ts";
import { AcceptedRunBody, RerunBody } from "../schemas/runs.ts";

const JSON_TYPE = { "content-type": "application/json" };
const urlOf = (runId: string) => `/v1/operators/company_intel/runs/${runId}/rerun`;
const send = (gateway: GatewayUnderTest, runId: string, body: object | string, headers = {}) =>
  gateway.ask("POST", urlOf(runId), {
    headers: { ...JSON_TYPE, ...headers },
    payload: typeof body === "string" ? body : JSON.stringify(body),
  });

async function anEndedRun(gateway: GatewayUnderTest): Promise<string> {
  const runId = await gateway.start({ company_name: "Stripe" });
  await gateway.finish(runId, { company_name: "Stripe", report: "It pays." });
  return runId;
}

describe("running again", () => {
  test("a run that ended, at either address, without a body, makes a new one with the same input", async () => {
    await using gateway = await openGateway();
    const old = await anEndedRun(gateway);

    for (const url of [urlOf(old), `/v1/runs/${old}/rerun`]) {
      const answer = await gateway.ask("POST", url);
      const body = AcceptedRunBody.parse(answer.json());
      expect(answer.statusCode).toBe(202);
      expect(body).toMatchObject({ status: "queued", rerun_of: old, input: { company_name: "Stripe" }, trigger: "query" });
      expect(answer.headers.location).toBe(`/v1/operators/company_intel/runs/${body.run_id}`);
    }
    expect((await gateway.ask("GET", `/v1/runs/${old}`)).json()).toMatchObject({ status: "completed" });
  });

  test("from a step, with changes: they are kept with the new run, and its history says what it began with", async () => {
    await using gateway = await openGateway();
    const old = await anEndedRun(gateway);
    const changes = { from_step: "write", state: { note: 7 }, model: { write: "opus" }, prompt: { write: { user: "Again." } } };

    const { run_id: runId } = (await send(gateway, old, RerunBody.parse(changes))).json<{ run_id: string }>();

    expect(await gateway.store.runs.findOverrides(runId)).toEqual({
      begin: { position: "write", state: { company_name: "Stripe", note: 7 } },
      model: { write: "opus" },
      prompt: { write: { user: "Again." } },
    });
    const history = (await gateway.ask("GET", `/v1/operators/company_intel/runs/${runId}/history`)).json();
    expect(HistoryBody.strict().parse(history)).toMatchObject({
      input: { company_name: "Stripe" },
      began_with: { from_step: "write", state: { company_name: "Stripe", note: 7 } },
    });
  });

  test("at once with one key makes one run; the key with other changes is refused", async () => {
    await using gateway = await openGateway();
    const old = await anEndedRun(gateway);

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send(gateway, old, { model: { write: "opus" } }, { "idempotency-key": "k" })),
    );

    expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers["idempotency-replayed"] === "true")).toHaveLength(9);
    const other = await send(gateway, old, { model: { write: "haiku" } }, { "idempotency-key": "k" });
    expect(other.json()).toMatchObject({ code: "OV_IDEMPOTENCY_MISMATCH" });
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test("from a step needs the history of the old run, and says how to get it", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    const { claimed } = await gateway.store.runs.claim({ runId, wake: 0, owner: "worker-1" });
    if (claimed === undefined) throw new Error("not claimed");
    const metrics = { ...claimed.run.metrics, nodes_executed: 1 };
    const write = { runId, attempt: 1, step: 1, status: "completed", state: {}, position: null } as const;
    await gateway.store.runs.write({ ...write, metrics, outbox: claimed.outbox });

    const answer = await send(gateway, runId, { from_step: "write" });

    expect([answer.statusCode, answer.json()]).toEqual([
      409,
      expect.objectContaining({ code: "OV_RUN_NOT_RERUNNABLE", detail: expect.stringContaining("OPENVIBE_HISTORY=true") as string }),
    ]);
    expect((await send(gateway, runId, {})).statusCode).toBe(202);
  });

  test("what has not ended is refused", async () => {
    await using gateway = await openGateway();
    const queued = await gateway.start();

    expect((await send(gateway, queued, {})).json()).toMatchObject({ status: 409, code: "OV_RUN_NOT_RERUNNABLE", run_status: "queued" });
    expect(await gateway.allRuns()).toHaveLength(1);
  });

  test.each<[string, string, number, string, string]>([
    ["[]", "a list", 400, "OV_REQUEST_INVALID", ""],
    ['{"from":"write"}', "an unknown field", 400, "OV_UNKNOWN_FIELD", "/from"],
    ['{"from_step":1}', "a number for a step", 400, "OV_REQUEST_INVALID", "/from_step"],
    ['{"state":[]}', "a list for the state", 400, "OV_REQUEST_INVALID", "/state"],
    ['{"input":"x"}', "a text for the input", 400, "OV_REQUEST_INVALID", "/input"],
    ['{"model":"opus"}', "a model for no step", 400, "OV_REQUEST_INVALID", "/model"],
    ['{"model":{"write":""}}', "no model's name", 400, "OV_REQUEST_INVALID", "/model/write"],
    ['{"prompt":{"write":"x"}}', "a text for a prompt", 400, "OV_REQUEST_INVALID", "/prompt/write"],
    ['{"prompt":{"write":{}}}', "an empty prompt", 400, "OV_REQUEST_INVALID", "/prompt/write"],
    ['{"prompt":{"write":{"usr":"x"}}}', "an unknown part of a prompt", 400, "OV_UNKNOWN_FIELD", "/prompt/write/usr"],
    ['{"prompt":{"write":{"user":1}}}', "a number for a text", 400, "OV_REQUEST_INVALID", "/prompt/write/user"],
    ['{"from_step":"wriet"}', "a step that is none", 422, "OV_RERUN_INVALID", "/from_step"],
    ['{"model":{"wriet":"opus"}}', "a model for a step that is none", 422, "OV_RERUN_INVALID", "/model/wriet"],
    ['{"state":{"employees":"many"},"from_step":"write"}', "a state that does not fit", 422, "OV_RERUN_INVALID", "/state/employees"],
    ['{"state":{"staff":1},"from_step":"write"}', "a state field that is none", 422, "OV_RERUN_INVALID", "/state/staff"],
    ['{"input":{"employees":"many"}}', "input that does not fit", 422, "OV_INPUT_INVALID", "/input/employees"],
  ])("with %s (%s) is refused where it is wrong", async (body, _, status, code, pointer) => {
    await using gateway = await openGateway();
    const old = await anEndedRun(gateway);

    const answer = await send(gateway, old, body);

    expect(answer.json()).toMatchObject({ status, code, errors: [{ pointer }] });
    expect(await gateway.allRuns()).toHaveLength(1);
  });

  test("another operator's run is not found", async () => {
    await using gateway = await openGateway();
    const old = await anEndedRun(gateway);

    expect((await gateway.ask("POST", `/v1/operators/hello/runs/${old}/rerun`)).json()).toMatchObject({ code: "OV_RUN_NOT_FOUND" });
  });

  test("a rerun of what has a history begins with the state that the step saw", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start({ company_name: "Stripe" });
    const { claimed } = await gateway.store.runs.claim({ runId, wake: 0, owner: "worker-1" });
    if (claimed === undefined) throw new Error("not claimed");
    const record: StepRecord = {
      ...{ node_id: "write", kind: "llm", attempt: 1, tries: 1, started_at: "2026-11-22T10:30:00.000Z", duration_ms: 1, next: null },
      patch: { report: "It pays." },
    };
    const write = { runId, attempt: 1, step: 1, status: "completed", state: {}, position: null, history: [record] } as const;
    await gateway.store.runs.write({ ...write, metrics: { ...claimed.run.metrics, nodes_executed: 1 }, outbox: claimed.outbox });

    const answer = await send(gateway, runId, { from_step: "write" });

    const begin = (await gateway.store.runs.findOverrides(answer.json<{ run_id: string }>().run_id))?.begin;
    expect(begin).toEqual({ position: "write", state: { company_name: "Stripe" } });
  });
});

test("a parked run says why", async () => {
  await using gateway = await openGateway();
  const runId = await gateway.start();
  await gateway.claim(runId);
  const parked = {
    reason: "there is no step write",
    needs_version: "v1",
    met_version: "v2",
    node_id: "write",
    since: "2026-11-22T10:30:00.000Z",
  };
  await gateway.store.parking.park({ runId, attempt: 1, owner: "worker-1", parked });

  expect((await gateway.ask("GET", `/v1/runs/${runId}`)).json()).toMatchObject({ status: "queued", parked });
});
