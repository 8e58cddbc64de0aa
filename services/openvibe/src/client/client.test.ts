/** The client against a server as people run it: what it sends, what it reads, what it makes of refusals. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Served, serve } from "../index.ts";
import { small } from "../small-operator.fixture.ts";
import { type Client, type components, createClient, ProblemError } from "./index.ts";

const KEY = "ov_client_test";
const PATH = { operator_id: "small" };
let served: Served;
let client: Client;

beforeAll(async () => {
  for (const name of ["DATABASE_URL", "NATS_URL", "ANTHROPIC_API_KEY", "OPENVIBE_PORT"]) vi.stubEnv(name, undefined);
  vi.stubEnv("OPENVIBE_API_KEYS", KEY);
  served = await serve(small, { port: 0, store: ":memory:", foreground: false });
  client = createClient({ baseUrl: `${served.url}/`, apiKey: KEY });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

async function refusal(work: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
}

describe("a call", () => {
  test("knows the parameters, the body and the answer of its route", async () => {
    const { data: run, response } = await client.POST("/v1/operators/{operator_id}/activate", {
      params: { path: PATH, header: { Prefer: "wait=10", "Idempotency-Key": "add-1" } },
      body: { trigger: "add", input: { n: 1 } },
    });
    const again: components["schemas"]["Run"] = (
      await client.GET("/v1/operators/{operator_id}/runs/{run_id}", { params: { path: { ...PATH, run_id: run.run_id } } })
    ).data;
    const { data: page } = await client.GET("/v1/runs", { params: { query: { status: ["completed"], limit: 1 } } });

    expect([response.status, response.headers.get("location")]).toEqual([200, `/v1/operators/small/runs/${run.run_id}`]);
    expect([run.status, run.output, run.warnings]).toEqual(["completed", { n: 2 }, []]);
    expect(again).toMatchObject({ run_id: run.run_id, metrics: { nodes_executed: 1 } });
    expect(page.data.map(({ run_id }) => run_id)).toEqual([run.run_id]);
  });

  test("writes and reads context, any JSON, and tells that nothing changed by an answer without data", async () => {
    const path = { bucket: "context-notes", key: "a.b" };
    const written = await client.PUT("/v1/context/{bucket}/{key}", { params: { path, header: { "If-None-Match": "*" } }, body: null });
    const tag = written.response.headers.get("etag") ?? "";

    const read = await client.GET("/v1/context/{bucket}/{key}", { params: { path } });
    const same = await client.GET("/v1/context/{bucket}/{key}", { params: { path, header: { "If-None-Match": tag } } });
    const conflict = await refusal(
      client.PUT("/v1/context/{bucket}/{key}", { params: { path, header: { "If-Match": '"99999"' } }, body: { n: 1 } }),
    );

    expect([written.response.status, read.data.value, same.response.status, same.data]).toEqual([201, null, 304, undefined]);
    expect([conflict.code, conflict.status, conflict.headers.get("etag")]).toEqual(["OV_REVISION_CONFLICT", 412, tag]);
  });

  test("does not compile where route, parameter or body is wrong", () => {
    // Never called: the compiler is what is asked.
    const wrong = [
      // @ts-expect-error there is no such route
      () => client.GET("/v1/nothing"),
      // @ts-expect-error this one does not know the method
      () => client.PUT("/v1/runs"),
      // @ts-expect-error the operator is missing
      () => client.GET("/v1/operators/{operator_id}"),
      // @ts-expect-error the trigger is missing
      () => client.POST("/v1/operators/{operator_id}/activate", { params: { path: PATH }, body: {} }),
      // @ts-expect-error no status of a run
      () => client.GET("/v1/runs", { params: { query: { status: ["runing"] } } }),
    ];

    expect(wrong).toHaveLength(5);
  });
});

describe("a refusal", () => {
  test("is thrown with code, status, detail and the request's id", async () => {
    const error = await refusal(client.GET("/v1/operators/{operator_id}", { params: { path: { operator_id: "smal" } } }));

    expect(error).toMatchObject({
      code: "OV_OPERATOR_NOT_FOUND",
      status: 404,
      detail: error.message,
      request_id: expect.stringMatching(/^req_/),
    });
    expect(error.problem.did_you_mean).toEqual(["small"]);
  });

  test("names the places of a wrong input", async () => {
    const body = { trigger: "add", input: { n: "one" } };
    const error = await refusal(client.POST("/v1/operators/{operator_id}/activate", { params: { path: PATH }, body }));

    expect([error.code, error.errors[0]?.pointer]).toEqual(["OV_INPUT_INVALID", "/input/n"]);
  });

  test.each([undefined, "", "ov_wrong"])("of the key %j is one, too", async (apiKey) => {
    const error = await refusal(createClient({ baseUrl: served.url, apiKey }).GET("/v1/runs"));

    expect([error.code, error.status]).toEqual(["OV_UNAUTHENTICATED", 401]);
  });

  test.each<[what: string, answer: RequestListener, code: string, status: number]>([
    ["a proxy that gave up", (_q, r) => r.writeHead(504, { "content-type": "text/html" }).end("<h1>"), "OV_OUTCOME_UNKNOWN", 504],
    ["a proxy's refusal", (_q, r) => r.writeHead(403).end('"no"'), "OV_REQUEST_INVALID", 403],
    ["a login page", (_q, r) => r.writeHead(200, { "content-type": "text/html" }).end("<h1>"), "OV_MEDIA_TYPE_UNSUPPORTED", 200],
    [
      "a code of tomorrow",
      (_q, r) => r.writeHead(429, { "retry-after": "7" }).end('{"code":"OV_TOMORROW","detail":"x","request_id":"r"}'),
      "OV_TOMORROW",
      429,
    ],
  ])("of %s has the same form", async (_what, answer, code, status) => {
    await using other = await listen(answer);

    const error = await refusal(createClient({ baseUrl: other.url }).GET("/v1/runs"));

    expect([error.code, error.status, error.retry_after]).toEqual([code, status, status === 429 ? 7 : undefined]);
  });

  test("is none where nobody answers: fetch's own error comes through", async () => {
    const { url, [Symbol.asyncDispose]: close } = await listen(() => {});
    await close();

    await expect(createClient({ baseUrl: url }).GET("/v1/runs")).rejects.toThrow(TypeError);
  });
});

async function listen(answer: RequestListener) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
