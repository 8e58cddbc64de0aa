import { describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import { openGateway } from "../gateway.fixture.ts";
import { EventBody, pageOf, RunBody } from "../schemas.ts";

const Page = pageOf(RunBody);
const idsOf = (page: z.infer<typeof Page>) => page.data.map(({ run_id }) => run_id);
const Events = pageOf(EventBody);

describe("a list of runs", () => {
  test("comes in pages, newest first, each run once", async () => {
    await using gateway = await openGateway();
    const started: string[] = [];
    for (let i = 0; i < 5; i++) started.unshift(await gateway.start());

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = Page.parse(
        (await gateway.ask("GET", `/v1/operators/company_intel/runs?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`)).json(),
      );
      expect(page.has_more).toBe(page.next_cursor !== null);
      seen.push(...idsOf(page));
      cursor = page.next_cursor;
    } while (cursor !== null);

    expect(seen).toHaveLength(5);
    expect(new Set(seen)).toEqual(new Set(started));
  });

  test("is filtered by status, workflow and operator", async () => {
    await using gateway = await openGateway();
    const done = await gateway.start();
    await gateway.finish(done);
    const refreshed = (await gateway.activate({ trigger: "nightly" })).json<{ run_id: string }>().run_id;
    const queued = await gateway.start();

    const idsAt = async (url: string) => idsOf(Page.parse((await gateway.ask("GET", url)).json())).sort();

    expect(await idsAt("/v1/runs?status=completed")).toEqual([done]);
    expect(await idsAt("/v1/runs?workflow=refresh")).toEqual([refreshed]);
    expect(await idsAt("/v1/operators/company_intel/runs?workflow=research&status=queued")).toEqual([queued]);
    expect(await idsAt("/v1/runs?operator=company_intel")).toEqual([done, refreshed, queued].sort());
    expect(await idsAt("/v1/runs?operator=hello")).toEqual([]);
  });

  test("refuses a cursor of another list or filter, or of nobody", async () => {
    await using gateway = await openGateway();
    await gateway.start();
    await gateway.start();
    const { next_cursor: cursor } = Page.parse((await gateway.ask("GET", "/v1/runs?limit=1")).json());

    expect((await gateway.ask("GET", `/v1/runs?limit=1&cursor=${cursor}`)).statusCode).toBe(200);
    for (const url of [
      `/v1/runs?status=queued&cursor=${cursor}`,
      `/v1/operators/company_intel/runs?cursor=${cursor}`,
      "/v1/runs?cursor=abc",
      "/v1/runs?cursor=W10",
    ]) {
      const response = await gateway.ask("GET", url);
      expect([response.statusCode, response.json()]).toEqual([
        400,
        expect.objectContaining({ code: "OV_PARAMETER_INVALID", parameter: "cursor" }),
      ]);
    }
  });

  test("of an unknown operator is 404", async () => {
    await using gateway = await openGateway();

    expect((await gateway.ask("GET", "/v1/operators/hello/runs")).json()).toMatchObject({ status: 404, code: "OV_OPERATOR_NOT_FOUND" });
  });
});

describe("a run", () => {
  test("is read as the schema says, at the beginning and at the end", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start({ company_name: "Stripe" });
    const url = `/v1/operators/company_intel/runs/${runId}`;

    const queued = RunBody.strict().parse((await gateway.ask("GET", url)).json());
    await gateway.finish(runId, { report: "good" });
    const ended = RunBody.strict().parse((await gateway.ask("GET", url)).json());

    expect(queued.status).toBe("queued");
    expect(ended).toMatchObject({ status: "completed", output: { report: "good" } });
  });

  test("that does not exist, or is another operator's, is 404", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();

    for (const url of ["/v1/operators/company_intel/runs/run_none", `/v1/operators/hello/runs/${runId}`])
      for (const method of ["GET", "DELETE"] as const)
        expect((await gateway.ask(method, url)).json()).toMatchObject({ status: 404, code: "OV_RUN_NOT_FOUND" });
  });
});

describe("cancelling", () => {
  test("a queued run ends it at once, and its events reach the log", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();

    const response = await gateway.ask("DELETE", `/v1/operators/company_intel/runs/${runId}`);

    expect([response.statusCode, RunBody.parse(response.json()).status]).toEqual([200, "cancelled"]);
    const last = await vi.waitUntil(async () => await gateway.bus.log.lastOf(runId));
    await vi.waitUntil(async () => (await gateway.bus.log.lastOf(runId))?.event.type === "run.cancelled");
    expect(last?.event.runId).toBe(runId);
  });

  test("a running run asks its owner, at once", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    await gateway.claim(runId);
    const told: string[] = [];
    using _listening = await gateway.bus.signals.onControl({ verb: "cancel" }, (signal) => void told.push(signal.runId));

    const response = await gateway.ask("DELETE", `/v1/operators/company_intel/runs/${runId}`);

    expect([response.statusCode, response.json()]).toEqual([202, expect.objectContaining({ status: "running", cancel_requested: true })]);
    await vi.waitUntil(() => told.includes(runId));
  });

  test("a run that has ended is refused with the run", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    await gateway.finish(runId);

    const response = await gateway.ask("DELETE", `/v1/operators/company_intel/runs/${runId}`);

    expect([response.statusCode, response.json()]).toEqual([
      409,
      expect.objectContaining({ code: "OV_RUN_FINAL", run: expect.objectContaining({ run_id: runId, status: "completed" }) }),
    ]);
  });
});

describe("a run's events", () => {
  test("are the log's and what is not yet sent, in order, each once", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    const typesNow = async () => {
      const response = await gateway.ask("GET", `/v1/operators/company_intel/runs/${runId}/events`);
      return Events.parse(response.json()).data.map(({ sequence, type }) => `${sequence} ${type}`);
    };

    expect(await typesNow()).toEqual(["0 run.queued"]); // in the record only

    const found = await gateway.store.runs.findOutbox(runId);
    const [pending] = found?.outbox.events ?? [];
    await gateway.bus.log.append({
      id: `${runId}:0`,
      type: "run.queued",
      time: pending?.time ?? "",
      operatorId: "company_intel",
      workflowId: "research",
      runId,
      nodeId: null,
      sequence: 0,
      data: {},
    });
    expect(await typesNow()).toEqual(["0 run.queued"]); // in both

    await gateway.finish(runId);
    expect(await typesNow()).toEqual(["0 run.queued", "1 run.completed"]); // the end in the record only
  });

  test("of a run that does not exist are 404", async () => {
    await using gateway = await openGateway();

    expect((await gateway.ask("GET", "/v1/operators/company_intel/runs/run_none/events")).json()).toMatchObject({
      code: "OV_RUN_NOT_FOUND",
    });
  });
});
