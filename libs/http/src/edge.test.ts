/** What stands between a caller and the routes: compression, origins, the rate limit, the length of an address. Seen from outside. */
import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { silentLogger } from "@openvibe/core";
import { createMetrics } from "@openvibe/telemetry";
import { describe, expect, test } from "vitest";
import { createAuth } from "./auth.ts";
import { COMPRESS_FROM_BYTES } from "./compress-answers.ts";
import { createHttpServer, type HttpServerOptions } from "./http-server.ts";
import { opsRoutes } from "./ops-routes.ts";
import { encodeFrame, SseWriter } from "./sse/index.ts";

const LARGE = { text: "large ".repeat(COMPRESS_FROM_BYTES) };

async function openServer(options: Partial<HttpServerOptions> = {}) {
  const metrics = createMetrics({ processMetrics: false });
  const app = createHttpServer({ logger: silentLogger, metrics, auth: createAuth({ keys: undefined }), ...options });
  app.get("/large", async () => LARGE);
  app.get("/small", async (_request, reply) => reply.header("etag", '"7"').send({ text: "small" }));
  app.get("/bytes", async (_request, reply) => reply.header("content-type", "application/octet-stream").send(Buffer.alloc(10_000)));
  app.put("/small", async () => ({}));
  app.get("/stream", async (_request, reply) => {
    reply.hijack();
    const writer = new SseWriter(reply.raw, { headers: reply.getHeaders() });
    for (let n = 0; n < 200; n++) writer.send(encodeFrame({ event: "tick", data: "x".repeat(100) }));
    void writer.close();
    return reply;
  });
  await app.register(opsRoutes, { metrics, checks: [] });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  return Object.assign(app, { url, [Symbol.asyncDispose]: () => app.close() });
}

describe("a larger answer", () => {
  test.each([
    ["br", "br"],
    ["gzip", "gzip"],
    ["gzip, deflate, br", "br"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["*", "br"],
    ["br;q=0, *", "gzip"],
    ["GZIP", "gzip"],
  ])("is compressed for Accept-Encoding %j with %s", async (accepted, coding) => {
    await using app = await openServer();

    const answer = await app.inject({ url: "/large", headers: { "accept-encoding": accepted } });

    const plain = coding === "br" ? brotliDecompressSync(answer.rawPayload) : gunzipSync(answer.rawPayload);
    expect([answer.headers["content-encoding"], answer.headers.vary]).toEqual([coding, "Accept-Encoding"]);
    expect(Number(answer.headers["content-length"])).toBe(answer.rawPayload.length);
    expect(answer.rawPayload.length).toBeLessThan(500);
    expect(JSON.parse(plain.toString())).toEqual(LARGE);
  });

  test.each([undefined, "", "identity", "deflate", "br;q=0, gzip;q=0", "identity, br;q=0.5", "nonsense;;q=x"])(
    "is left as it is for Accept-Encoding %j, and caches are told that it may differ",
    async (accepted) => {
      await using app = await openServer();

      const answer = await app.inject({ url: "/large", headers: accepted === undefined ? {} : { "accept-encoding": accepted } });

      expect([answer.headers["content-encoding"], answer.headers.vary]).toEqual([undefined, "Accept-Encoding"]);
      expect(answer.json()).toEqual(LARGE);
    },
  );

  test("reads the same for a client that decodes by itself, and its HEAD says the same", async () => {
    await using app = await openServer();

    const answer = await fetch(`${app.url}/large`);
    const head = await app.inject({ method: "HEAD", url: "/large", headers: { "accept-encoding": "gzip" } });

    expect([answer.headers.get("content-encoding"), await answer.json()]).toEqual([expect.stringMatching(/^(br|gzip)$/), LARGE]);
    expect([head.headers["content-encoding"], head.rawPayload.length]).toEqual(["gzip", 0]);
  });

  test.each(["/small", "/bytes", "/stream", "/nothing"])("is the only one: %s stays as it is", async (path) => {
    await using app = await openServer();

    const answer = await fetch(`${app.url}${path}`, { headers: { "accept-encoding": "gzip, br" } });
    await answer.arrayBuffer();

    expect(answer.headers.get("content-encoding")).toBeNull();
  });
});

describe("a page of another origin", () => {
  const origin = "https://app.example.com";
  const preflight = { origin, "access-control-request-method": "PUT", "access-control-request-headers": "if-match" };

  test("is told nothing by default: the browser keeps the answer from it", async () => {
    await using app = await openServer();

    const answer = await app.inject({ url: "/small", headers: { origin } });
    const asked = await app.inject({ method: "OPTIONS", url: "/small", headers: preflight });

    expect([answer.headers["access-control-allow-origin"], answer.headers.vary]).toEqual([undefined, undefined]);
    expect([asked.statusCode, asked.json<{ code: string }>().code]).toEqual([405, "OV_METHOD_NOT_ALLOWED"]);
  });

  test("that is allowed may ask before it has a key, read our headers, and read problems", async () => {
    await using app = await openServer({
      corsOrigins: ["https://other.example", "https://APP.example.com:443"],
      auth: createAuth({ keys: ["ov_key"] }),
    });

    const asked = await app.inject({ method: "OPTIONS", url: "/small", headers: preflight });
    const answer = await app.inject({ url: "/small", headers: { origin, authorization: "Bearer ov_key" } });
    const refused = await app.inject({ url: "/small", headers: { origin } });

    expect([asked.statusCode, asked.headers["access-control-allow-origin"]]).toEqual([204, origin]);
    expect(asked.headers["access-control-allow-methods"]).toContain("PUT");
    expect(asked.headers["access-control-allow-headers"]).toMatch(/Authorization.*If-Match.*Last-Event-ID/);
    expect([answer.headers["access-control-allow-origin"], answer.headers.vary]).toEqual([origin, "Origin"]);
    expect(answer.headers["access-control-expose-headers"]).toMatch(/ETag.*Location.*Retry-After/);
    expect([refused.statusCode, refused.headers["access-control-allow-origin"]]).toEqual([401, origin]);
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
  });

  test.each(["https://app.example.com.evil.test", "http://app.example.com", "null", "https://sub.app.example.com"])(
    "that is not in the list is told nothing: %s",
    async (other) => {
      await using app = await openServer({ corsOrigins: [origin] });

      const answer = await app.inject({ url: "/small", headers: { origin: other } });

      expect([answer.headers["access-control-allow-origin"], answer.headers.vary]).toEqual([undefined, "Origin"]);
    },
  );

  test("may read streams, and with * every page may", async () => {
    await using app = await openServer({ corsOrigins: ["*"] });

    const answer = await fetch(`${app.url}/stream`, { headers: { origin } });
    await answer.body?.cancel();

    expect([answer.headers.get("access-control-allow-origin"), answer.headers.get("vary")]).toEqual(["*", null]);
  });
});

describe("the rate limit", () => {
  const ask = async (app: Awaited<ReturnType<typeof openServer>>, url: string, key?: string) =>
    await app.inject({ url, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });

  test("is off by default", async () => {
    await using app = await openServer();

    const answer = await ask(app, "/small");

    expect([answer.headers.ratelimit, answer.headers["ratelimit-policy"]]).toEqual([undefined, undefined]);
  });

  test("tells what is left, then refuses with the time to wait, whatever the route", async () => {
    await using app = await openServer({ requestsPerMinute: 3 });

    const answers = [await ask(app, "/small"), await ask(app, "/nothing"), await ask(app, "/large"), await ask(app, "/small")];

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 404, 200, 429]);
    expect(answers.map(({ headers }) => headers.ratelimit)).toEqual(
      [2, 1, 0, 0].map((left) => expect.stringMatching(new RegExp(`^"default";r=${left};t=(60|[1-5][0-9]|[1-9])$`))),
    );
    expect(answers.map(({ headers }) => headers["ratelimit-policy"])).toEqual(Array(4).fill('"default";q=3;w=60'));
    const refused = answers[3];
    expect(refused?.headers["content-type"]).toBe("application/problem+json");
    expect(refused?.json()).toMatchObject({ code: "OV_RATE_LIMITED", status: 429, "violated-policies": ["default"] });
    expect(Number(refused?.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("counts each key for itself, and all wrong ones of an address together", async () => {
    await using app = await openServer({ requestsPerMinute: 2, auth: createAuth({ keys: ["ov_one", "ov_two"] }) });

    const wrong = [await ask(app, "/small"), await ask(app, "/small", "ov_guess_1"), await ask(app, "/small", "ov_guess_2")];
    const right = [await ask(app, "/small", "ov_one"), await ask(app, "/small", "ov_two"), await ask(app, "/small", "ov_two")];
    const last = await ask(app, "/small", "ov_two");

    expect(wrong.map(({ statusCode }) => statusCode)).toEqual([401, 401, 429]);
    expect(right.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(last.statusCode).toBe(429);
  });

  test("never keeps away those who watch the service", async () => {
    await using app = await openServer({ requestsPerMinute: 1 });
    await ask(app, "/small");

    const watched = [];
    for (const path of ["/livez", "/readyz", "/metrics", "/metrics"]) watched.push(await ask(app, path));

    expect(watched.map(({ statusCode, headers }) => [statusCode, headers.ratelimit])).toEqual(Array(4).fill([200, undefined]));
  });
});

describe("an address", () => {
  test.each([
    ["8,193 bytes of query", `/small?${"q".repeat(8_186)}`],
    ["more than all headers may have", `/${"a".repeat(20_000)}`],
  ])("of %s is a problem of its own", async (_what, path) => {
    await using app = await openServer();

    const answer = await sendRaw(Number(new URL(app.url).port), `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 414 [\s\S]*content-type: application\/problem\+json[\s\S]*OV_URI_TOO_LONG/);
  });

  test("that is short beside headers that are too large is not blamed", async () => {
    await using app = await openServer();

    const answer = await sendRaw(Number(new URL(app.url).port), `GET /small HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*OV_HEADERS_TOO_LARGE/);
  });
});

/** Sends bytes as they are; gives all that comes back until the server closes. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer)).on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
  });
}
