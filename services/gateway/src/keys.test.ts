/** What each kind of key may do, over every route there is. */
import { manifestVersion, type OperatorManifest } from "@openvibe/core";
import { createAuth, type HashedKey, hashOfKey } from "@openvibe/http";
import { describe, expect, test } from "vitest";
import { openGateway } from "./gateway.fixture.ts";
import { proxyToRelay } from "./proxy-to-relay.ts";

const KEYS: readonly HashedKey[] = [
  { name: "reader", hash: hashOfKey("ov_read"), scopes: ["read"] },
  { name: "runner", hash: hashOfKey("ov_run"), scopes: ["run"] },
  { name: "boss", hash: hashOfKey("ov_admin"), scopes: ["admin"] },
  { name: "intel", hash: hashOfKey("ov_intel"), scopes: ["read", "run"], operators: ["company_intel"] },
  { name: "two", hash: hashOfKey("ov_two"), scopes: ["read"], operators: ["company_intel", "sales", "gone"] },
];
interface RunsPage {
  readonly data: readonly { readonly operator_id: string; readonly run_id: string }[];
  readonly next_cursor: string | null;
}
const as = (key: string) => ({ authorization: `Bearer ${key}` });

/** The gateway with three operators, each with one workflow `work`. */
async function openKeyed(options: Parameters<typeof openGateway>[0] = {}) {
  const gateway = await openGateway({ auth: createAuth({ keys: KEYS }), ...options });
  for (const id of ["sales", "support"]) {
    const manifest: OperatorManifest = {
      id,
      name: id,
      answers: {},
      workflows: [
        { id: "work", triggers: [{ id: "work", on: "on_demand" }], state_fields: [], input_schema: { type: "object" }, steps: [] },
      ],
    };
    await gateway.store.manifests.register(manifest, manifestVersion(manifest));
  }
  const start = async (operator: string, trigger = "work") => {
    const url = `/v1/operators/${operator}/activate`;
    const response = await gateway.ask("POST", url, { headers: as("ov_admin"), payload: { trigger } });
    return response.json<{ run_id: string }>().run_id;
  };
  return Object.assign(gateway, { startAt: start });
}

describe("every route", () => {
  test("refuses the keys that are not for it before it looks at anything else", async () => {
    await using gateway = await openKeyed({ also: (app) => app.register(proxyToRelay("http://127.0.0.1:1")) });
    const refused = async (key: string, method: string, url: string) => {
      const response = await gateway.ask(method as "GET", url.replace(":operator_id", "sales").replaceAll(/:\w+/g, "x"), {
        headers: as(key),
      });
      return response.statusCode === 403;
    };

    const rights = [];
    for (const { method, url } of gateway.app.apiRoutes.filter((route) => route.method !== "HEAD")) {
      const who = [];
      for (const key of ["ov_read", "ov_run", "ov_admin", "ov_intel", "ov_two"])
        if (!(await refused(key, method, url))) who.push(key.slice(3));
      rights.push(`${method} ${url}: ${who.join(" ")}`);
    }

    expect(rights).toEqual(
      expect.arrayContaining([
        "GET /livez: read run admin intel two",
        "GET /readyz: read run admin intel two",
        "GET /metrics: admin",
        "GET /openapi.json: read run admin intel two",
        "GET /v1/operators: read admin intel two",
        "GET /v1/operators/:operator_id: read admin two",
        "POST /v1/operators/:operator_id/activate: run admin",
        "GET /v1/runs: read admin intel two",
        "GET /v1/operators/:operator_id/runs: read admin two",
        "GET /v1/operators/:operator_id/runs/:run_id: read admin two",
        "DELETE /v1/operators/:operator_id/runs/:run_id: run admin",
        "POST /v1/operators/:operator_id/runs/:run_id/resume: run admin",
        "GET /v1/operators/:operator_id/runs/:run_id/events: read admin two",
        "POST /v1/operators/:operator_id/runs/:run_id/redrive: run admin",
        "GET /v1/runs/:run_id: read admin intel two",
        "DELETE /v1/runs/:run_id: run admin intel",
        "POST /v1/runs/:run_id/redrive: run admin intel",
        "GET /v1/dead-letters: read admin intel two",
        "GET /v1/context/:bucket: read admin",
        "DELETE /v1/context/:bucket/:key: run admin",
        "GET /v1/context/:bucket/:key: read admin",
        "PUT /v1/context/:bucket/:key: run admin",
        "GET /v1/schedules: read admin intel two",
        "POST /v1/schedules/:operator_id/:trigger/pause: admin",
        "POST /v1/schedules/:operator_id/:trigger/resume: admin",
        "POST /v1/schedules/:operator_id/:trigger/run: run admin",
        "GET /v1/events/stream: read admin intel two",
        "POST /v1/events/subscribe: admin",
        "GET /v1/events/subscriptions: admin",
        "GET /v1/events/subscriptions/:subscription_id: admin",
        "PATCH /v1/events/subscriptions/:subscription_id: admin",
        "DELETE /v1/events/subscriptions/:subscription_id: admin",
        "GET /v1/events/subscriptions/:subscription_id/attempts: admin",
        "POST /v1/events/subscriptions/:subscription_id/replay: admin",
        "GET /v1/operators/:operator_id/runs/:run_id/stream: read admin two",
      ]),
    );
  });
});

describe("a key for some operators", () => {
  test("lists these, and their runs, page by page", async () => {
    await using gateway = await openKeyed();
    const started: string[] = [];
    for (const operator of ["sales", "support", "company_intel", "sales", "support", "sales"])
      started.push(`${operator} ${await gateway.startAt(operator, operator === "company_intel" ? "query" : "work")}`);

    const operators = await gateway.ask("GET", "/v1/operators", { headers: as("ov_two") });
    const runs: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const url: string = `/v1/runs?limit=2${next === "" ? "" : `&cursor=${next}`}`;
      const page: RunsPage = (await gateway.ask("GET", url, { headers: as("ov_two") })).json<RunsPage>();
      expect(page.data).toHaveLength(2);
      runs.push(...page.data.map(({ operator_id, run_id }) => `${operator_id} ${run_id}`));
      next = page.next_cursor;
    }

    expect(operators.json<{ data: { id: string }[] }>().data.map(({ id }) => id)).toEqual(["company_intel", "sales"]);
    expect(runs).toEqual(started.filter((run) => !run.startsWith("support")).toReversed());
  });

  test("may ask for one of them, and not for another by any parameter", async () => {
    await using gateway = await openKeyed();
    const runId = await gateway.startAt("support");
    const status = async (url: string) => (await gateway.ask("GET", url, { headers: as("ov_two") })).statusCode;

    expect(await status("/v1/runs?operator=sales")).toBe(200);
    expect(await status("/v1/runs?operator=support")).toBe(403);
    expect(await status(`/v1/operators/support/runs/${runId}`)).toBe(403);
    expect(await status(`/v1/operators/sales/runs/${runId}`)).toBe(404);
    expect(await status("/v1/operators/nobody")).toBe(403); // whether it is there is not told either
  });

  test("finds no run of another at the address that names no operator, and changes none", async () => {
    await using gateway = await openKeyed();
    const [own, other] = [await gateway.startAt("company_intel", "query"), await gateway.startAt("support")];
    await gateway.finish(other, {}, "dead_lettered");
    const ask = async (method: "GET" | "POST" | "DELETE", url: string) =>
      (await gateway.ask(method, url, { headers: as("ov_intel") })).statusCode;

    expect(await ask("GET", `/v1/runs/${own}`)).toBe(200);
    expect(await ask("GET", `/v1/runs/${other}`)).toBe(404);
    expect(await ask("POST", `/v1/runs/${other}/redrive`)).toBe(404);
    expect(await ask("DELETE", `/v1/runs/${other}`)).toBe(404);
    expect(await ask("GET", "/v1/dead-letters?operator=support")).toBe(403);
    const dead = async (key: string) => (await gateway.ask("GET", "/v1/dead-letters", { headers: as(key) })).json<RunsPage>().data;
    expect([await dead("ov_intel"), (await dead("ov_admin")).length]).toEqual([[], 1]);
    expect(await gateway.allRuns()).toHaveLength(2);
  });

  test("reads and writes no shared context, which belongs to all operators", async () => {
    await using gateway = await openKeyed();

    const put = await gateway.ask("PUT", "/v1/context/context-x/y", { headers: as("ov_intel"), payload: { n: 1 } });

    expect(put.json()).toMatchObject({ status: 403, code: "OV_FORBIDDEN" });
    expect((await gateway.ask("GET", "/v1/context/context-x/y", { headers: as("ov_admin") })).statusCode).toBe(404);
  });
});
