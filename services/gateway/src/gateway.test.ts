import { createAuth } from "@openvibe/http";
import { expect, test } from "vitest";
import { openGateway } from "./gateway.fixture.ts";
import { proxyToRelay } from "./proxy-to-relay.ts";

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  readonly components: { readonly schemas: Record<string, unknown> };
}

test("/openapi.json lists exactly the routes that exist", async () => {
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay("http://127.0.0.1:1")) });

  const document = (await gateway.ask("GET", "/openapi.json")).json<OpenApi>();

  const listed = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const there = gateway.app.apiRoutes
    .filter(({ method, url }) => method !== "HEAD" && !url.startsWith("/docs")) // pages for people
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(listed.sort()).toEqual(there.sort());
  expect(listed.sort()).toEqual(
    [
      "GET /asyncapi.json",
      "GET /livez",
      "GET /metrics",
      "GET /openapi.json",
      "GET /readyz",
      "GET /v1/context/{bucket}",
      "GET /v1/context/{bucket}/{key}",
      "DELETE /v1/context/{bucket}/{key}",
      "PUT /v1/context/{bucket}/{key}",
      "GET /v1/dead-letters",
      "GET /v1/events/stream",
      "POST /v1/events/subscribe",
      "GET /v1/events/subscriptions",
      "GET /v1/events/subscriptions/{subscription_id}",
      "PATCH /v1/events/subscriptions/{subscription_id}",
      "DELETE /v1/events/subscriptions/{subscription_id}",
      "GET /v1/events/subscriptions/{subscription_id}/attempts",
      "GET /v1/events/subscriptions/{subscription_id}/deliveries",
      "POST /v1/events/subscriptions/{subscription_id}/replay",
      "POST /v1/events/subscriptions/{subscription_id}/resend",
      "POST /v1/events/subscriptions/{subscription_id}/rotate-secret",
      "POST /v1/events/subscriptions/{subscription_id}/test",
      "POST /v1/hooks/{source}/{name}",
      "GET /v1/operators",
      "GET /v1/operators/{operator_id}",
      "POST /v1/events",
      "GET /v1/operators/{operator_id}/graph",
      "POST /v1/operators/{operator_id}/activate",
      "POST /v1/operators",
      "DELETE /v1/operators/{operator_id}",
      "GET /v1/schemas/operators.json",
      "GET /v1/operators/{operator_id}/runs",
      "GET /v1/operators/{operator_id}/runs/{run_id}",
      "DELETE /v1/operators/{operator_id}/runs/{run_id}",
      "POST /v1/operators/{operator_id}/runs/{run_id}/resume",
      "GET /v1/operators/{operator_id}/runs/{run_id}/events",
      "GET /v1/operators/{operator_id}/runs/{run_id}/events/{sequence}/data",
      "GET /v1/operators/{operator_id}/runs/{run_id}/history",
      "GET /v1/operators/{operator_id}/runs/{run_id}/stream",
      "POST /v1/operators/{operator_id}/runs/{run_id}/redrive",
      "POST /v1/operators/{operator_id}/runs/{run_id}/rerun",
      "GET /v1/runs",
      "GET /v1/runs/{run_id}",
      "GET /v1/schedules",
      "POST /v1/schedules/{operator_id}/{trigger}/pause",
      "POST /v1/schedules/{operator_id}/{trigger}/resume",
      "POST /v1/schedules/{operator_id}/{trigger}/run",
      "DELETE /v1/runs/{run_id}",
      "POST /v1/runs/{run_id}/redrive",
      "POST /v1/runs/{run_id}/rerun",
    ].sort(),
  );
});

test("every reference in /openapi.json leads to a component, and every operation has an id of its own", async () => {
  await using gateway = await openGateway();

  const response = await gateway.ask("GET", "/openapi.json");

  const document = response.json<OpenApi>();
  const references = [...response.body.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  const ids = Object.values(document.paths).flatMap((operations) => Object.values(operations).map(({ operationId }) => operationId));
  expect(new Set(references)).toEqual(new Set(Object.keys(document.components.schemas).filter((name) => references.includes(name))));
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(["Run", "AcceptedRun", "Operator", "Event", "Problem", "ContextEntry", "Activation"]),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test("the gateway is ready while store and bus answer", async () => {
  await using gateway = await openGateway();

  expect((await gateway.ask("GET", "/livez")).json()).toEqual({ status: "live" });
  expect((await gateway.ask("GET", "/readyz")).json()).toEqual({ status: "ready" });
  expect((await gateway.ask("GET", "/readyz?verbose")).json()).toEqual({ status: "ready", checks: { store: "ok", bus: "ok" } });

  await gateway.bus[Symbol.asyncDispose]();
  const withoutBus = await gateway.ask("GET", "/readyz");
  await gateway.store[Symbol.asyncDispose]();
  const withoutStore = await gateway.ask("GET", "/readyz");

  expect(withoutBus.json()).toMatchObject({ status: 503, code: "OV_BUS_UNAVAILABLE", checks: { store: "ok", bus: "failed" } });
  expect(withoutStore.json()).toMatchObject({ status: 503, code: "OV_STORE_UNAVAILABLE" });
  expect((await gateway.ask("GET", "/livez")).statusCode).toBe(200);
});

test("requests are counted by route, not by address", async () => {
  await using gateway = await openGateway();
  await gateway.activate();
  await gateway.ask("GET", "/v1/operators/company_intel/runs/run_none");
  await gateway.ask("GET", "/nothing/here");

  const text = (await gateway.ask("GET", "/metrics")).body;

  expect(text).toContain('openvibe_http_requests_total{method="POST",route="/v1/operators/:operator_id/activate",status="202"} 1');
  expect(text).toContain('openvibe_http_requests_total{method="GET",route="/v1/operators/:operator_id/runs/:run_id",status="404"} 1');
  expect(text).toContain('openvibe_http_requests_total{method="GET",route="unmatched",status="404"} 1');
});

test("with API keys every route but the probes, the API's own description, and webhooks, which are signed, needs one", async () => {
  await using gateway = await openGateway({ auth: createAuth({ keys: ["ov_secret"] }) });

  for (const { method, url } of gateway.app.apiRoutes) {
    if (method === "HEAD") continue;
    const response = await gateway.ask(method as "GET", url.replaceAll(/:\w+/g, "x"));
    expect([url, response.statusCode === 401]).toEqual([
      url,
      !/^\/(livez$|readyz$|(open|async)api\.json$|docs|v1\/hooks\/|v1\/schemas\/)/.test(url),
    ]);
  }
});

test("a store that went away is a problem with Retry-After, not a lost answer", async () => {
  await using gateway = await openGateway();
  await gateway.start();
  await gateway.store[Symbol.asyncDispose]();

  const response = await gateway.activate();

  expect([response.statusCode, response.json(), response.headers["retry-after"]]).toEqual([
    503,
    expect.objectContaining({ code: "OV_STORE_UNAVAILABLE" }),
    "1",
  ]);
});
