import { newRunId } from "@openvibe/core";
import { describe, expect, test, vi } from "vitest";
import type { z } from "zod";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { EventBody } from "../schemas/events.ts";
import { pageOf } from "../schemas/json.ts";
import { RunBody } from "../schemas/runs.ts";

const Page = pageOf(RunBody);
const idsOf = (page: z.infer<typeof Page>) => page.data.map(({ run_id }) => run_id);
const Events = pageOf(EventBody);

/** As the worker of its parent does. */
async function beginChild({ store }: GatewayUnderTest, parentRunId: string, operatorId = "company_intel"): Promise<string> {
  const runId = newRunId(Date.now());
  const event = { type: "run.queued", time: "2026-11-22T10:30:00.000Z", data: {} };
  const common = { workflowId: "research", trigger: "child:look_up", definition: "v", input: {}, ignoredInput: [], tags: {} };
  await store.runs.insert({ ...common, runId, operatorId, origin: `child:${parentRunId}:${operatorId}`, parentRunId, event });
  return runId;
}

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

  test("clamps a limit that is too large, and gives 50 without one", async () => {
    await using gateway = await openGateway();
    for (let i = 0; i < 205; i++) await gateway.start();

    const sizes = [];
    for (const query of ["", "?limit=200", "?limit=201", "?limit=1000000"])
      sizes.push(Page.parse((await gateway.ask("GET", `/v1/runs${query}`)).json()).data.length);

    expect(sizes).toEqual([50, 200, 200, 200]);
  });

  test("is filtered by several statuses, trigger, tags and times, and each page by the same", async () => {
    await using gateway = await openGateway();
    const start = async (tags: object, trigger = "query") => (await gateway.activate({ trigger, tags })).json<{ run_id: string }>().run_id;
    const first = await start({ team: "emea", tier: "1" });
    const second = await start({ team: "emea", tier: "a:b" });
    const third = await start({ team: "us east" }, "nightly");
    await gateway.finish(first, {}, "failed");
    await gateway.claim(second);
    const { created_at: secondAt } = (await gateway.ask("GET", `/v1/runs/${second}`)).json<{ created_at: string }>();
    const idsAt = async (query: string) => idsOf(Page.parse((await gateway.ask("GET", `/v1/runs?${query}`)).json())).sort();

    expect(await idsAt("status=failed&status=running")).toEqual([first, second].sort());
    expect(await idsAt("status=running&status=running")).toEqual([second]);
    expect(await idsAt("trigger=nightly")).toEqual([third]);
    expect(await idsAt("tag=team:emea")).toEqual([first, second].sort());
    expect(await idsAt("tag=team:emea&tag=tier:1")).toEqual([first]);
    expect(await idsAt("tag=tier:a:b")).toEqual([second]);
    expect(await idsAt("tag=team:us%20east")).toEqual([third]);
    expect(await idsAt("tag=team:emea&status=failed&operator=company_intel")).toEqual([first]);
    expect(await idsAt(`created_after=${secondAt}&created_before=${secondAt}`)).toEqual([]);
    expect([...(await idsAt(`created_after=${secondAt}`)), ...(await idsAt(`created_before=${secondAt}`))].sort()).toEqual(
      [first, second, third].sort(),
    );
    const { next_cursor: cursor } = Page.parse((await gateway.ask("GET", "/v1/runs?tag=team:emea&limit=1")).json());
    expect(await idsAt(`tag=team:emea&limit=1&cursor=${cursor}`)).toHaveLength(1);
    expect((await gateway.ask("GET", `/v1/runs?tag=team:us&cursor=${cursor}`)).json()).toMatchObject({ parameter: "cursor" });
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

  test("is filtered by the run that began them", async () => {
    await using gateway = await openGateway();
    const parentRunId = await gateway.start();
    const own = await beginChild(gateway, parentRunId);
    const other = await beginChild(gateway, parentRunId, "hello");

    const at = async (url: string) => Page.parse((await gateway.ask("GET", url)).json());

    expect(idsOf(await at(`/v1/runs?parent=${parentRunId}`)).sort()).toEqual([own, other].sort());
    expect(idsOf(await at(`/v1/operators/company_intel/runs?parent=${parentRunId}`))).toEqual([own]);
    expect(idsOf(await at(`/v1/runs?parent=${parentRunId}&status=failed`))).toEqual([]);
    const { next_cursor: cursor } = await at(`/v1/runs?parent=${parentRunId}&limit=1`);
    expect((await gateway.ask("GET", `/v1/runs?cursor=${cursor}`)).json()).toMatchObject({ parameter: "cursor" });
    expect((await gateway.ask("GET", "/v1/runs?parent=Run%201")).json()).toMatchObject({
      code: "OV_PARAMETER_INVALID",
      parameter: "parent",
    });
    expect((await gateway.ask("GET", `/v1/runs/${own}`)).json()).toMatchObject({ parent_run_id: parentRunId });
  });

  test("refuses a cursor of another list or filter, or of nobody", async () => {
    await using gateway = await openGateway();
    await gateway.start();
    await gateway.start();
    const { next_cursor: cursor } = Page.parse((await gateway.ask("GET", "/v1/runs?limit=1")).json());

    expect((await gateway.ask("GET", `/v1/runs?limit=1&cursor=${cursor}`)).statusCode).toBe(200);
    for (const url of [
      `/v1/runs?status=queued&cursor=${cursor}`,
      `/v1/runs?created_before=2100-01-01T00:00:00Z&cursor=${cursor}`,
      `/v1/dead-letters?cursor=${cursor}`,
      `/v1/context/context-leads?cursor=${cursor}`,
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

describe("a run at its own address", () => {
  test("is the same as at its operator's", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start({ company_name: "Stripe" });

    const [own, operators] = await Promise.all(
      [`/v1/runs/${runId}`, `/v1/operators/company_intel/runs/${runId}`].map((url) => gateway.ask("GET", url)),
    );

    expect(own?.json()).toEqual(operators?.json());
    expect(own?.headers.etag).toBe(operators?.headers.etag);
    expect(own?.headers["content-type"]).toBe("application/json; charset=utf-8");
  });

  test("is cancelled with the runs that it began", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    const child = await beginChild(gateway, runId);

    await gateway.ask("DELETE", `/v1/runs/${runId}`);

    await vi.waitFor(async () => expect(await gateway.store.runs.find(child)).toMatchObject({ status: "cancelled" }));
  });

  test("is cancelled, and then is final", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();

    const cancelled = await gateway.ask("DELETE", `/v1/runs/${runId}`);
    const again = await gateway.ask("DELETE", `/v1/runs/${runId}`);

    expect([cancelled.statusCode, RunBody.parse(cancelled.json()).status]).toEqual([200, "cancelled"]);
    expect([again.statusCode, again.json()]).toEqual([409, expect.objectContaining({ code: "OV_RUN_FINAL" })]);
  });

  test("that does not exist is 404", async () => {
    await using gateway = await openGateway();

    for (const [method, url] of [
      ["GET", "/v1/runs/run_none"],
      ["DELETE", "/v1/runs/run_none"],
      ["POST", "/v1/runs/run_none/redrive"],
    ] as const)
      expect((await gateway.ask(method, url)).json()).toMatchObject({ code: "OV_RUN_NOT_FOUND", detail: "there is no run run_none" });
  });
});

describe("a run's entity tag", () => {
  test("spares a reader what is known, until something changes", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();
    const read = (tag?: string) => gateway.ask("GET", `/v1/runs/${runId}`, tag === undefined ? {} : { headers: { "if-none-match": tag } });
    const etag = String((await read()).headers.etag);

    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    for (const known of [etag, etag.slice(2), `"x", ${etag}`, "*"]) {
      const response = await read(known);
      expect([response.statusCode, response.body, response.headers.etag]).toEqual([304, "", etag]);
    }
    const seen = new Set([etag]);
    for (const change of [() => gateway.claim(runId), () => gateway.ask("DELETE", `/v1/runs/${runId}`)]) {
      await change();
      const response = await read(etag);
      expect(response.statusCode).toBe(200);
      seen.add(String(response.headers.etag));
    }
    expect(seen.size).toBe(3);
  });

  test("that is none is refused", async () => {
    await using gateway = await openGateway();
    const runId = await gateway.start();

    const response = await gateway.ask("GET", `/v1/runs/${runId}`, { headers: { "if-none-match": "abc" } });

    expect(response.json()).toMatchObject({ status: 400, parameter: "If-None-Match" });
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
