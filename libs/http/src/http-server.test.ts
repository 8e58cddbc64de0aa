import { request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { OpenVibeError, silentLogger } from "@openvibe/core";
import { createMetrics } from "@openvibe/telemetry";
import type { FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { createAuth } from "./auth.ts";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import { opsRoutes } from "./ops-routes.ts";

function aServer(options: Partial<HttpServerOptions> = {}): FastifyInstance & AsyncDisposable {
  const metrics = createMetrics({ processMetrics: false });
  const app = createHttpServer({ logger: silentLogger, metrics, auth: createAuth({ keys: undefined }), ...options });
  app.post("/echo", async (request) => ({ body: request.body ?? null }));
  app.delete("/echo", async (request) => ({ body: request.body ?? null }));
  app.get("/things/:thing_id", async () => ({}));
  app.get("/fails/:how", async (request) => {
    const { how } = request.params as { how: string };
    if (how === "known") throw new OpenVibeError("OV_STORE_UNAVAILABLE", "store is away", { retryAfterMs: 2_500 });
    if (how === "zod") z.object({ a: z.object({ "b/c": z.string() }) }).parse({ a: { "b/c": 1 } });
    if (how === "null") throw null;
    throw new Error("the secret reason");
  });
  app.get("/whoami", async (request) => ({ principal: request.principal }));
  void app.register(opsRoutes, { metrics, checks: [] });
  return Object.assign(app, { [Symbol.asyncDispose]: () => app.close() });
}

const json = { "content-type": "application/json" };
const problem = (response: { json(): unknown }) => response.json() as Record<string, unknown>;

describe("a body", () => {
  test("is read as strict JSON", async () => {
    await using app = aServer();

    const response = await app.inject({ method: "POST", url: "/echo", headers: json, payload: '{"a":[1,"\\u0000\\ud800\u2028"]}' });

    expect(response.json()).toEqual({ body: { a: [1, "\u0000\ud800\u2028"] } });
  });

  test.each([
    ["OV_BODY_REQUIRED", ""],
    ["OV_JSON_INVALID", '{"a":'],
    ["OV_JSON_INVALID", "{a: NaN}"],
    ["OV_DUPLICATE_KEY", '{"a":1,"a":2}'],
    ["OV_TOO_DEEP", "[".repeat(100_000)],
    ["OV_RESERVED_KEY", '{"a":{"\\u005f_proto__":1}}'],
    ["OV_UTF8_INVALID", Buffer.from([0x22, 0xff, 0xfe, 0x22])],
  ])("that is wrong answers %s", async (code, payload) => {
    await using app = aServer();

    const response = await app.inject({ method: "POST", url: "/echo", headers: json, payload });

    expect(response.statusCode).toBe(400);
    expect(problem(response).code).toBe(code);
  });

  test.each([
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/json; charset=utf-16",
    "application/jsonp",
    "application/json/x",
    "application/json,text/plain",
    ";",
    "junk",
    "application/json; boundary=x",
  ])("of type %j is refused, naming what is accepted", async (contentType) => {
    await using app = aServer();

    const response = await app.inject({ method: "POST", url: "/echo", headers: { "content-type": contentType }, payload: "{}" });

    expect(response.statusCode).toBe(415);
    expect(problem(response)).toMatchObject({ code: "OV_MEDIA_TYPE_UNSUPPORTED", accepted: ["application/json"] });
  });

  test("without a type is refused", async () => {
    await using app = aServer();
    const { port } = await listen(app);

    const answer = await sendRaw(port, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");

    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(answer).toContain("OV_MEDIA_TYPE_UNSUPPORTED");
  });

  test.each([
    "application/json",
    "Application/JSON; charset=utf-8",
    'application/json;charset="UTF-8"',
    "application/json;",
    "application/json ",
  ])("of type %j is JSON", async (contentType) => {
    await using app = aServer();

    const response = await app.inject({ method: "POST", url: "/echo", headers: { "content-type": contentType }, payload: "{}" });

    expect(response.statusCode).toBe(200);
  });

  test("that is compressed is refused", async () => {
    await using app = aServer();

    const response = await app.inject({ method: "POST", url: "/echo", headers: { ...json, "content-encoding": "gzip" }, payload: "{}" });

    expect(response.statusCode).toBe(415);
    expect(response.headers["accept-encoding"]).toBe("identity");
  });

  test("above the limit is refused, naming the limit", async () => {
    await using app = aServer({ limits: { maxBodyBytes: 100 } });

    const response = await app.inject({ method: "POST", url: "/echo", headers: json, payload: JSON.stringify("x".repeat(100)) });

    expect(response.statusCode).toBe(413);
    expect(problem(response)).toMatchObject({ code: "OV_BODY_TOO_LARGE", max_bytes: 100 });
  });

  test("need not come with a DELETE that carries a Content-Type", async () => {
    await using app = aServer();

    const response = await app.inject({ method: "DELETE", url: "/echo", headers: json });

    expect(response.json()).toEqual({ body: null });
  });
});

describe("an error", () => {
  test("of ours keeps its code, status and Retry-After", async () => {
    await using app = aServer();

    const response = await app.inject({ url: "/fails/known?key=1" });

    expect(response.statusCode).toBe(503);
    expect(response.headers["content-type"]).toBe("application/problem+json");
    expect(response.headers["retry-after"]).toBe("3");
    expect(problem(response)).toMatchObject({
      type: "https://openvibe.dev/problems/store-unavailable",
      status: 503,
      code: "OV_STORE_UNAVAILABLE",
      detail: "store is away",
      instance: "/fails/known",
      request_id: response.headers["x-request-id"],
    });
  });

  test("of zod tells where", async () => {
    await using app = aServer();

    const response = await app.inject({ url: "/fails/zod" });

    expect(problem(response)).toMatchObject({ code: "OV_REQUEST_INVALID", errors: [{ pointer: "/a/b~1c" }] });
  });

  test.each(["unknown", "null"])("that nobody expected (%s) tells nothing of the inside", async (how) => {
    await using app = aServer();

    const response = await app.inject({ url: `/fails/${how}` });

    expect(response.statusCode).toBe(500);
    expect(problem(response).code).toBe("OV_INTERNAL");
    expect(response.body).not.toMatch(/secret reason|\.ts/);
  });

  test("404 says that there is nothing, 405 what is allowed", async () => {
    await using app = aServer();

    const nothing = await app.inject({ url: "/nothing?x=1" });
    const wrong = await app.inject({ method: "PUT", url: "/things/a" });
    const trace = await app.inject({ method: "TRACE" as "GET", url: "/echo" });

    expect([nothing.statusCode, problem(nothing).code]).toEqual([404, "OV_ROUTE_NOT_FOUND"]);
    expect([wrong.statusCode, problem(wrong).code, wrong.headers.allow]).toEqual([405, "OV_METHOD_NOT_ALLOWED", "GET, HEAD"]);
    expect([trace.statusCode, trace.headers.allow]).toEqual([405, "DELETE, POST"]);
  });

  test("an address that cannot be decoded is a problem, too", async () => {
    await using app = aServer();

    const response = await app.inject({ url: "/things/%E0%A4%A" });

    expect([response.statusCode, problem(response).code]).toEqual([400, "OV_REQUEST_INVALID"]);
  });
});

describe("a request id", () => {
  test("of the caller is kept, else a new one is made; never one that could inject a line", async () => {
    await using app = aServer();

    const kept = await app.inject({ url: "/whoami", headers: { "x-request-id": "abc-1.2_3" } });
    const made = await app.inject({ url: "/whoami", headers: { "x-request-id": "a b" } });

    expect(kept.headers["x-request-id"]).toBe("abc-1.2_3");
    expect(made.headers["x-request-id"]).toMatch(/^req_\w{16}$/);
  });
});

describe("what a proxy says", () => {
  test.each([
    [false, "127.0.0.1"],
    [true, "203.0.113.9"],
  ])("is believed only where it is trusted (%s)", async (trustProxy, ip) => {
    await using app = aServer({ trustProxy });
    app.get("/ip", async (request) => ({ ip: request.ip, protocol: request.protocol }));

    const response = await app.inject({ url: "/ip", headers: { "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https" } });

    expect(response.json()).toEqual({ ip, protocol: trustProxy ? "https" : "http" });
  });
});

describe("with API keys", () => {
  const auth = createAuth({ keys: ["ov_first", "ov_second"] });

  test("a caller without a valid one is refused everywhere, with the same answer", async () => {
    await using app = aServer({ auth });

    const headers = [
      {},
      { authorization: "Bearer wrong" },
      { authorization: "Basic ov_first" },
      { authorization: "Bearer " },
      { authorization: "ov_first" },
    ];
    for (const url of ["/whoami", "/nothing", "/metrics"]) {
      for (const given of headers) {
        const response = await app.inject({ url, headers: given });

        expect([response.statusCode, problem(response).code]).toEqual([401, "OV_UNAUTHENTICATED"]);
        expect(response.headers["www-authenticate"]).toBe('Bearer realm="openvibe"');
      }
    }
  });

  test("each valid one is let in, under a name that does not hold it", async () => {
    await using app = aServer({ auth });

    const first = await app.inject({ url: "/whoami", headers: { authorization: "Bearer ov_first" } });
    const second = await app.inject({ url: "/whoami", headers: { authorization: "bearer  ov_second" } });

    expect(problem(first).principal).toMatch(/^key_[0-9a-f]{12}$/);
    expect(problem(second).principal).not.toBe(problem(first).principal);
  });

  test("probes need none", async () => {
    await using app = aServer({ auth });

    expect((await app.inject({ url: "/livez" })).statusCode).toBe(200);
    expect((await app.inject({ url: "/readyz" })).statusCode).toBe(200);
  });

  test("a list without a key does not start", () => {
    expect(() => createAuth({ keys: [] })).toThrow(expect.objectContaining({ code: "OV_CONFIG_INVALID" }));
  });
});

describe("on the socket", () => {
  test.each([
    ["garbage", "\u0001\u0002\r\n\r\n", 405],
    ["an unknown method", "FOO /whoami HTTP/1.1\r\nHost: x\r\n\r\n", 405],
    ["two Content-Length", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400],
    [
      "Content-Length with Transfer-Encoding",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["LF only", "GET /whoami HTTP/1.1\nHost: x\n\n", 400],
    ["a folded header", "GET /whoami HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400],
    ["no Host", "GET /whoami HTTP/1.1\r\n\r\n", 400],
    ["headers above the limit", `GET /whoami HTTP/1.1\r\nHost: x\r\nA: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ])("%s is answered with a problem, and the connection is closed", async (_what, text, status) => {
    await using app = aServer();
    const { port } = await listen(app);

    const answer = await sendRaw(port, text);

    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({
      status,
      code: expect.stringMatching(/^OV_/),
      request_id: expect.any(String),
    });
  });

  test("a body that comes too slowly ends with 408, while others are served", async () => {
    await using app = aServer({ limits: { requestTimeoutMs: 300, headersTimeoutMs: 200, checkEveryMs: 50 } });
    const { port } = await listen(app);

    const slow = sendRaw(port, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
    const other = await fetch(`http://127.0.0.1:${port}/whoami`);

    expect(other.status).toBe(200);
    expect(await slow).toMatch(/^HTTP\/1\.1 408 [\s\S]*OV_REQUEST_TIMEOUT/);
  });

  test("closing lets a request finish that has been asked", async () => {
    const app = aServer();
    const entered = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    app.get("/slow", async () => {
      entered.resolve();
      await go.promise;
      return { done: true };
    });
    const { port } = await listen(app);

    const answer = getJson(port, "/slow");
    await entered.promise;
    const closed = app.close();
    go.resolve();

    expect(await answer).toEqual({ done: true });
    await closed;
  });
});

async function listen(app: FastifyInstance): Promise<{ port: number }> {
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: (app.server.address() as AddressInfo).port };
}

/** Sends bytes as they are; gives all that comes back until the server closes. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
  });
}

function getJson(port: number, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    httpRequest({ port, path, host: "127.0.0.1" }, (response) => {
      response.setEncoding("utf8");
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(JSON.parse(body)));
    })
      .on("error", reject)
      .end();
  });
}
