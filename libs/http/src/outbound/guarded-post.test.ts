import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type LookupFunction, type Server } from "node:net";
import tls from "node:tls";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type GuardedPost, guardedPost } from "./guarded-post.ts";
import { SELF_SIGNED_CERT, SELF_SIGNED_KEY } from "./self-signed.fixture.ts";
import { createTargetGuard, LOOPBACK_TARGETS } from "./target-guard.ts";

const strict = createTargetGuard();
const open = createTargetGuard({ allow: LOOPBACK_TARGETS });

const opened: (Server & { closeAllConnections?(): void })[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function listening(server: Server): Promise<number> {
  opened.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Counts what reaches it. */
async function receiver(answer: RequestListener) {
  const seen: { body: string; headers: object }[] = [];
  const port = await listening(
    createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      seen.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      answer(request, response);
    }),
  );
  return { seen, port, url: `http://127.0.0.1:${port}/hooks?a=b` };
}

const post = (url: string, given: Partial<GuardedPost> = {}) =>
  guardedPost({ url: new URL(url), headers: { "webhook-id": "event_1" }, body: '{"é":1}', guard: open, timeoutMs: 5_000, ...given });

/** A resolver that says so. */
const resolvingTo = (...answers: readonly (readonly string[])[]): LookupFunction & { asked: number } =>
  Object.assign(
    function lookup(this: unknown, _name: string, _options: object, done: Parameters<LookupFunction>[2]) {
      const addresses = answers[Math.min(resolver.asked++, answers.length - 1)] ?? [];
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    } as LookupFunction,
    { asked: 0 },
  ) as LookupFunction & { asked: number };
let resolver: LookupFunction & { asked: number };

describe("a guarded post", () => {
  test("sends body and headers, and gives status and the answer's beginning", async () => {
    const { url, seen } = await receiver((_request, response) => response.writeHead(202, { "retry-after": "7" }).end("x".repeat(5_000)));

    expect(await post(url)).toEqual({ status: 202, retryAfter: "7", body: "x".repeat(1_024) });
    expect(seen).toMatchObject([{ body: '{"é":1}', headers: { "webhook-id": "event_1", "content-length": "8", connection: "close" } }]);
  });

  test("50: a redirect is an answer, and not followed", async () => {
    const inside = await receiver((_request, response) => response.end());
    const { url } = await receiver((_request, response) => response.writeHead(302, { location: inside.url }).end());

    expect(await post(url)).toMatchObject({ status: 302 });
    expect(inside.seen).toEqual([]);
  });

  test("49: a public name that resolves to a private address is not connected to", async () => {
    const { port, seen } = await receiver((_request, response) => response.end());
    for (const addresses of [["127.0.0.1"], ["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"], ["::1"]]) {
      resolver = resolvingTo(addresses);
      const result = await post(`https://hooks.example.com:${port}/`, { guard: strict, lookup: resolver });

      expect(result).toMatchObject({
        failure: "blocked_address",
        detail: expect.stringMatching(/hooks\.example\.com resolves to/) as string,
      });
    }
    expect(seen).toEqual([]);
  });

  test("49: a name that changes its mind between check and connection is asked once, and the next attempt asks anew", async () => {
    const { port, seen } = await receiver((_request, response) => response.end());
    const rebound = createTargetGuard({ allow: ["127.0.0.1"] });
    resolver = resolvingTo(["127.0.0.1"], ["10.0.0.1"]);

    await post(`http://127.0.0.1:${port}/`, { guard: rebound });
    const lookup = resolver;
    const first = await guardedPost({ ...at(port), guard: createTargetGuard({ allow: ["127.0.0.0/8"] }), lookup });
    expect(lookup.asked).toBe(1);
    const second = await guardedPost({ ...at(port), guard: createTargetGuard({ allow: ["127.0.0.0/8"] }), lookup });

    expect(first.failure).not.toBe("blocked_address");
    expect(second).toMatchObject({ failure: "blocked_address", detail: expect.stringContaining("10.0.0.1") as string });
    expect(seen).toHaveLength(1);
  });

  test("48: an address for which no resolver is asked is checked all the same", async () => {
    const { url, seen } = await receiver((_request, response) => response.end());

    expect(await post(url, { guard: strict })).toMatchObject({ failure: "blocked_address" });
    expect(seen).toEqual([]);
  });

  test("51: a name that is not there", async () => {
    expect(await post("http://nobody.invalid:3000/", { guard: createTargetGuard({ allow: ["nobody.invalid"] }) })).toMatchObject({
      failure: "dns_failed",
    });
  });

  test("51: a certificate that nobody vouches for; and one that somebody does", async () => {
    const server = createTlsServer({ cert: SELF_SIGNED_CERT, key: SELF_SIGNED_KEY }, (_request, response) => response.writeHead(204).end());
    const url = `https://localhost:${await listening(server)}/`;
    const known = tls.getCACertificates("default");

    expect(await post(url)).toMatchObject({ failure: "tls_failed" });
    tls.setDefaultCACertificates([...known, SELF_SIGNED_CERT]);
    try {
      expect(await post(url)).toMatchObject({ status: 204 });
      resolver = resolvingTo(["127.0.0.1"]);
      const other = new URL(url.replace("localhost", "other.example.com"));
      const allowed = createTargetGuard({ allow: ["127.0.0.1"] });
      expect(await post(other.href, { guard: allowed, lookup: resolver })).toMatchObject({ failure: "tls_failed" });
    } finally {
      tls.setDefaultCACertificates(known);
    }
  });

  test("51: a receiver that hangs, that hangs up, that resets, that is not there, that speaks no HTTP", async () => {
    const hanging = await listening(createTcpServer(() => {}));
    const ending = await listening(createTcpServer((socket) => void socket.end()));
    const resetting = await listening(createTcpServer((socket) => void socket.once("data", () => socket.resetAndDestroy())));
    const talking = await listening(createTcpServer((socket) => void socket.end("220 mail.example.com ESMTP\r\n")));
    const closed = await listening(createTcpServer());
    opened.pop()?.close();

    const failureAt = async (port: number) => (await post(`http://127.0.0.1:${port}/`, { timeoutMs: 300 })).failure;
    expect(await Promise.all([hanging, ending, resetting, talking, closed].map(failureAt))).toEqual([
      "timeout",
      ...Array.from({ length: 4 }, () => "connection_failed"),
    ]);
  });

  test("52: of a receiver that answers without end 64 KiB are read, and its status counts", async () => {
    let sent = 0;
    let closed: Promise<unknown> = Promise.resolve();
    const { url } = await receiver((_request, response) => {
      closed = once(response, "close");
      response.writeHead(200, { "content-encoding": "gzip" });
      const bomb = gzipSync(Buffer.alloc(1_000_000)).subarray(0, 1_000);
      const more = () => {
        while (!response.destroyed && sent < 1e9) {
          sent += bomb.length;
          if (!response.write(bomb)) return void response.once("drain", more);
        }
      };
      more();
    });

    const result = await post(url);
    await closed;

    expect(result).toMatchObject({ status: 200 });
    expect(sent).toBeLessThan(20_000_000); // what the sockets between took
  });

  test("52: of one that stops in the middle of its answer the status counts", async () => {
    const { url } = await receiver((_request, response) => {
      response.writeHead(200);
      response.write("begun");
    });

    expect(await post(url, { timeoutMs: 300 })).toMatchObject({ status: 200, body: "begun" });
  });

  test("ends early when it is told to", async () => {
    const hanging = await listening(createTcpServer(() => {}));
    const stop = new AbortController();
    const result = post(`http://127.0.0.1:${hanging}/`, { signal: stop.signal });
    stop.abort();

    expect(await result).toMatchObject({ failure: "connection_failed" });
  });
});

/** By a name that no resolver knows, so that only the given one is asked; plain http needs a listed host. */
function at(port: number): Omit<GuardedPost, "guard"> {
  return { url: new URL(`https://rebinding.example.com:${port}/`), headers: {}, body: "{}", timeoutMs: 2_000 };
}
