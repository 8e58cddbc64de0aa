import { manifestVersion, type OperatorManifest, systemClock } from "@openvibe/core";
import { createAuth, hashOfKey } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { type GatewayUnderTest, openGateway } from "../gateway.fixture.ts";
import { pageOf } from "../schemas/json.ts";
import { AcceptedRunBody } from "../schemas/runs.ts";
import { ScheduleBody } from "../schemas/schedules.ts";

const Page = pageOf(ScheduleBody);
const NIGHTLY = "/v1/schedules/company_intel/nightly";

/** The fixture's operator with its `nightly` trigger, and one with two. */
async function openScheduled(options: Parameters<typeof openGateway>[0] = {}): Promise<GatewayUnderTest> {
  const gateway = await openGateway(options);
  const sales: OperatorManifest = {
    id: "sales",
    name: "Sales",
    answers: {},
    workflows: [
      {
        id: "work",
        triggers: [
          { id: "weekly", on: "cron:30 8 * * MON Europe/Berlin", catch_up: "all" },
          { id: "by_hand", on: "on_demand" },
          { id: "hourly", on: "cron:0 * * * *" },
        ],
        state_fields: [],
        input_schema: { type: "object" },
        steps: [],
      },
    ],
  };
  await gateway.store.manifests.register(sales, manifestVersion(sales));
  return gateway;
}

const list = async (gateway: GatewayUnderTest, query = "") => Page.parse((await gateway.ask("GET", `/v1/schedules${query}`)).json());

describe("schedules", () => {
  test("are listed by operator and trigger, with what the clock does next", async () => {
    await using gateway = await openScheduled();
    const before = systemClock.now();

    const { data, has_more } = await list(gateway);

    expect(data.map(({ operator_id, trigger }) => `${operator_id}.${trigger}`)).toEqual([
      "company_intel.nightly",
      "sales.hourly",
      "sales.weekly",
    ]);
    expect(has_more).toBe(false);
    expect(data[2]).toMatchObject({
      workflow_id: "work",
      expression: "30 8 * * MON",
      time_zone: "Europe/Berlin",
      catch_up: "all",
      paused: false,
      paused_at: null,
      last_run: null,
    });
    const slots = (data[1]?.next_slots ?? []).map((slot) => Date.parse(slot));
    expect(slots).toHaveLength(3);
    expect((slots[0] ?? 0) - before).toBeLessThanOrEqual(3_600_000);
    expect(slots.map((slot) => slot - (slots[0] ?? 0))).toEqual([0, 3_600_000, 7_200_000]);
  });

  test("come in pages, of one operator too; a cursor is good for its own list", async () => {
    await using gateway = await openScheduled();

    const first = await list(gateway, "?limit=2");
    const rest = await list(gateway, `?limit=2&cursor=${first.next_cursor}`);
    const sales = await list(gateway, "?operator=sales");

    expect([first.data.length, first.has_more, rest.data.map(({ trigger }) => trigger), rest.has_more]).toEqual([
      2,
      true,
      ["weekly"],
      false,
    ]);
    expect(sales.data).toHaveLength(2);
    expect((await gateway.ask("GET", `/v1/schedules?operator=sales&cursor=${first.next_cursor}`)).json()).toMatchObject({
      code: "OV_PARAMETER_INVALID",
    });
  });

  test("show the newest slot's run as it is by now, also when it is gone", async () => {
    await using gateway = await openScheduled();
    const runId = await gateway.start();
    const key = { operatorId: "company_intel", triggerId: "nightly", on: "cron:0 3 * * *" };
    const slot = Date.UTC(2026, 10, 22, 3);
    await gateway.store.schedules.begin({ ...key, at: 0 });
    await gateway.store.schedules.settle({ ...key, upto: slot, runId });
    await gateway.finish(runId);

    expect((await list(gateway)).data[0]?.last_run).toEqual({ run_id: runId, slot: "2026-11-22T03:00:00.000Z", status: "completed" });
    await gateway.store.schedules.settle({ ...key, upto: slot + 1, runId: "run_gone" });
    expect((await list(gateway)).data[0]?.last_run).toMatchObject({ run_id: "run_gone", status: null });
  });
});

describe("a schedule", () => {
  test("is paused and resumed, as often as somebody asks", async () => {
    await using gateway = await openScheduled();
    const ask = async (verb: string) => ScheduleBody.parse((await gateway.ask("POST", `${NIGHTLY}/${verb}`)).json());

    expect(await ask("resume")).toMatchObject({ paused: false });
    const paused = await ask("pause");
    expect(paused).toMatchObject({ operator_id: "company_intel", trigger: "nightly", paused: true, next_slots: [] });
    expect((await ask("pause")).paused_at).toBe(paused.paused_at);
    expect((await list(gateway)).data[0]).toMatchObject({ paused: true });

    const before = systemClock.now();
    expect(await ask("resume")).toMatchObject({
      paused: false,
      paused_at: null,
      next_slots: [expect.any(String), expect.any(String), expect.any(String)],
    });
    const [row] = await gateway.store.schedules.list();
    expect(row?.settledUpto).toBeGreaterThanOrEqual(before);
  });

  test("is run by hand, paused or not, once for each key", async () => {
    await using gateway = await openScheduled();
    await gateway.ask("POST", `${NIGHTLY}/pause`);
    const run = (key?: string) => gateway.ask("POST", `${NIGHTLY}/run`, key === undefined ? {} : { headers: { "idempotency-key": key } });

    const [first, again, other] = [await run("k"), await run("k"), await run()];

    const body = AcceptedRunBody.parse(first.json());
    expect([first.statusCode, first.headers.location]).toEqual([202, `/v1/operators/company_intel/runs/${body.run_id}`]);
    expect(body).toMatchObject({ trigger: "nightly", workflow_id: "refresh", input: {}, tags: {} });
    expect([again.json().run_id, again.headers["idempotency-replayed"]]).toEqual([body.run_id, "true"]);
    expect(other.json().run_id).not.toBe(body.run_id);
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test("that is none is 404, with those there are; a body is refused, and nothing is done", async () => {
    await using gateway = await openScheduled();
    const post = async (url: string, payload?: object) => (await gateway.ask("POST", url, payload === undefined ? {} : { payload })).json();

    expect(await post("/v1/schedules/sales/by_hand/pause")).toMatchObject({
      status: 404,
      code: "OV_TRIGGER_NOT_FOUND",
      triggers: ["hourly", "weekly"],
      detail: "the clock does not start sales.by_hand; of this operator it starts hourly, weekly",
    });
    expect(await post("/v1/schedules/sales/hourli/run")).toMatchObject({ code: "OV_TRIGGER_NOT_FOUND", did_you_mean: ["hourly"] });
    expect(await post("/v1/schedules/sale/hourly/run")).toMatchObject({ code: "OV_OPERATOR_NOT_FOUND" });
    expect(await post("/v1/schedules/sales/No/run")).toMatchObject({ code: "OV_ID_INVALID" });
    for (const verb of ["pause", "resume", "run"])
      expect(await post(`${NIGHTLY}/${verb}`, { at: "noon" })).toMatchObject({ status: 400, code: "OV_REQUEST_INVALID" });
    expect([await gateway.allRuns(), await gateway.store.schedules.list()]).toEqual([[], []]);
  });

  test("is listed by a key that reads, run by one that runs, paused by an admin's, each for its operators", async () => {
    const keys = [
      { name: "reader", hash: hashOfKey("read"), scopes: ["read" as const] },
      { name: "runner", hash: hashOfKey("run"), scopes: ["read" as const, "run" as const], operators: ["sales"] },
      { name: "boss", hash: hashOfKey("admin"), scopes: ["admin" as const], operators: ["sales"] },
    ];
    await using gateway = await openScheduled({ auth: createAuth({ keys }) });
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    const status = async (key: string, url: string) => (await gateway.ask("POST", url, as(key))).statusCode;
    const listed = async (key: string) => Page.parse((await gateway.ask("GET", "/v1/schedules", as(key))).json()).data.length;

    expect([await listed("read"), await listed("run")]).toEqual([3, 2]);
    expect((await gateway.ask("GET", "/v1/schedules?operator=company_intel", as("run"))).statusCode).toBe(403);
    const codes = [];
    for (const key of ["read", "run", "admin"])
      for (const url of ["/v1/schedules/sales/hourly/run", "/v1/schedules/sales/hourly/pause", `${NIGHTLY}/run`])
        codes.push(await status(key, url));
    expect(codes).toEqual([403, 403, 403, 202, 403, 403, 202, 200, 403]);
  });
});
