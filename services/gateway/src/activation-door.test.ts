import type { RequestEnvelope } from "@openvibe/bus";
import type { JsonValue } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "./gateway.fixture.ts";

const never = new AbortController().signal;

function ask({ bus }: GatewayUnderTest, body: JsonValue, fields: Partial<RequestEnvelope> = {}, operatorId = "company_intel") {
  return bus.requests.ask(operatorId, "activate", { body, askId: "a1", deadlineAt: Date.now() + 5_000, ...fields }, never);
}

describe("an activation over the bus", () => {
  test("starts the run that POST …/activate would start, and answers the same", async () => {
    await using gateway = await openGateway();
    await gateway.app.ready();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const body = { trigger: "query", input: { company_name: "Acme", shoe_size: 43 }, tags: { team: "sales" } };

    const answer = await ask(gateway, body, { traceparent });

    const [run] = await gateway.allRuns();
    expect(run).toMatchObject({ operatorId: "company_intel", trigger: "query", status: "queued", tags: { team: "sales" }, traceparent });
    const read = await gateway.ask("GET", `/v1/operators/company_intel/runs/${run?.runId}`);
    expect(answer).toEqual({ ...read.json<object>(), warnings: ["no_worker"] });
    expect(answer).toMatchObject({ run_id: run?.runId, status: "queued", ignored_input: ["shoe_size"] });
  });

  test("that is asked again by the same id gives the same run", async () => {
    await using gateway = await openGateway();
    await gateway.app.ready();

    const answers = await Promise.all([1, 2, 3].map(() => ask(gateway, { trigger: "query" })));
    await ask(gateway, { trigger: "query" }, { askId: "a2" });

    expect(new Set(answers.map((answer) => (answer as { run_id: string }).run_id)).size).toBe(1);
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test.each([
    ["nothing", null, "company_intel", "OV_REQUEST_INVALID", "expected an object"],
    ["an unknown field", { trigger: "query", inputs: {} }, "company_intel", "OV_UNKNOWN_FIELD", "did you mean"],
    ["a wrong type", { trigger: "query", input: { employees: "many" } }, "company_intel", "OV_INPUT_INVALID", "/input/employees"],
    ["an unknown trigger", { trigger: "qeury" }, "company_intel", "OV_TRIGGER_NOT_FOUND", "query"],
    ["an unknown operator", { trigger: "query" }, "compny_intel", "OV_OPERATOR_NOT_FOUND", "company_intel"],
    ["an operator whose id is none", { trigger: "query" }, "Company", "OV_ID_INVALID", "Company"],
  ])("with %s is refused with the code and the words that HTTP has", async (_, body, operatorId, code, words) => {
    await using gateway = await openGateway();
    await gateway.app.ready();

    await expect(ask(gateway, body, {}, operatorId)).rejects.toThrow(
      expect.objectContaining({
        code: "OV_ASK_FAILED",
        message: expect.stringContaining(words),
        extra: expect.objectContaining({ answered_code: code }),
      }),
    );
    expect(await gateway.allRuns()).toEqual([]);
  });

  test("by a run counts as what follows from it, and at the end of the count is refused", async () => {
    await using gateway = await openGateway();
    await gateway.app.ready();

    await ask(gateway, { trigger: "query" }, { hops: 16 });
    const [run] = await gateway.allRuns();

    expect(await gateway.store.runs.countHops(run?.runId ?? "")).toBe(16);
    await expect(ask(gateway, { trigger: "query" }, { askId: "a2", hops: 17 })).rejects.toMatchObject({
      extra: { answered_code: "OV_EVENT_LOOP" },
    });
    expect(await gateway.allRuns()).toHaveLength(1);
  });

  test("with an ask id that no database keeps is refused", async () => {
    await using gateway = await openGateway();
    await gateway.app.ready();

    await expect(ask(gateway, { trigger: "query" }, { askId: "a\u0000" })).rejects.toThrow(/control character/);
  });

  test("finds nobody once the gateway is closed", async () => {
    await using gateway = await openGateway();
    await gateway.app.ready();

    await gateway.app.close();

    await expect(ask(gateway, { trigger: "query" })).rejects.toThrow(expect.objectContaining({ code: "OV_NO_RESPONDER" }));
  });
});
