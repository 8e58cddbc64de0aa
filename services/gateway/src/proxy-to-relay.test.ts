import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { openGateway } from "./gateway.fixture.ts";
import { proxyToRelay } from "./proxy-to-relay.ts";
import { sendRaw } from "./raw-request.fixture.ts";

interface Relay extends AsyncDisposable {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly answers: ServerResponse[];
}

async function aRelay(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Relay> {
  const requests: IncomingMessage[] = [];
  const answers: ServerResponse[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answers.push(response);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const aStream = (_request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { "content-type": "text/event-stream", "x-relay": "yes", connection: "x-hop", "x-hop": "1" });
  response.flushHeaders();
};

test("a stream passes as it comes, headers first, without what belongs to one hop", async () => {
  await using relay = await aRelay(aStream);
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(relay.url)) });
  const { url } = await gateway.listen();

  const response = await fetch(`${url}/v1/events/stream?types=run.completed`, {
    headers: { "last-event-id": "e.1.d", authorization: "Bearer k", te: "trailers" },
  });
  const reader = response.body?.getReader();
  relay.answers[0]?.write("data: 1\n\n");
  const first = await reader?.read();

  expect([response.status, response.headers.get("content-type"), response.headers.get("x-relay"), response.headers.get("x-hop")]).toEqual([
    200,
    "text/event-stream",
    "yes",
    null,
  ]);
  expect(Buffer.from(first?.value ?? []).toString()).toBe("data: 1\n\n");
  expect(relay.requests[0]?.url).toBe("/v1/events/stream?types=run.completed");
  expect(relay.requests[0]?.headers).toMatchObject({ "last-event-id": "e.1.d", authorization: "Bearer k" });
  expect(relay.requests[0]?.headers.te).toBeUndefined();
  relay.answers[0]?.end();
  expect((await reader?.read())?.done).toBe(true);
});

test("what this server says of every answer goes before what the relay says", async () => {
  await using relay = await aRelay((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "access-control-allow-origin": "null", "x-request-id": "theirs" });
    response.end();
  });
  await using gateway = await openGateway({
    also: (app) => {
      app.addHook("onRequest", async (_request, reply) => void reply.header("access-control-allow-origin", "https://app.example.com"));
      void app.register(proxyToRelay(relay.url));
    },
  });
  const { url } = await gateway.listen();

  const { headers } = await fetch(`${url}/v1/events/stream`, { headers: { "x-request-id": "mine" } });

  expect([headers.get("access-control-allow-origin"), headers.get("x-request-id")]).toEqual(["https://app.example.com", "mine"]);
});

test("a client that goes ends the relay's stream at once", async () => {
  await using relay = await aRelay(aStream);
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(relay.url)) });
  const { url } = await gateway.listen();
  const gone = new AbortController();
  await fetch(`${url}/v1/operators/hello/runs/run_1/stream`, { signal: gone.signal });

  gone.abort();

  await vi.waitUntil(() => relay.answers[0]?.destroyed);
});

test("a relay that breaks off breaks off for the client, too", async () => {
  await using relay = await aRelay(aStream);
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(relay.url)) });
  const { url } = await gateway.listen();
  const response = await fetch(`${url}/v1/events/stream`);

  relay.answers[0]?.destroy();

  await expect(response.text()).rejects.toThrow();
});

test("a relay's problem passes with its status", async () => {
  await using relay = await aRelay((_request, response) =>
    response.writeHead(406, { "content-type": "application/problem+json" }).end("{}"),
  );
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(relay.url)) });

  const response = await gateway.ask("GET", "/v1/events/stream");

  expect([response.statusCode, response.headers["content-type"], response.body]).toEqual([406, "application/problem+json", "{}"]);
});

test("a relay that cannot be reached is a problem", async () => {
  await using relay = await aRelay((request) => request.socket.destroy());
  for (const url of ["http://127.0.0.1:1", relay.url]) {
    await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(url)) });

    const response = await gateway.ask("GET", "/v1/events/stream");

    expect([response.statusCode, response.headers["content-type"]]).toEqual([503, "application/problem+json"]);
    expect(response.json()).toMatchObject({ detail: expect.stringContaining("relay") });
  }
});

test("closing the gateway ends its streams instead of waiting for them", async () => {
  await using relay = await aRelay(aStream);
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(relay.url)) });
  const { url } = await gateway.listen();
  const response = await fetch(`${url}/v1/events/stream`);

  const closedAt = performance.now();
  await gateway.app.close();

  expect(await response.text()).toBe("");
  expect(performance.now() - closedAt).toBeLessThan(1_000);
});

test("a request line with a whole URL goes to the relay all the same, not to the host it names", async () => {
  await using relay = await aRelay((_request, response) => response.end("the relay"));
  await using stranger = await aRelay((_request, response) => response.end("a stranger"));
  await using gateway = await openGateway({ also: (app) => app.register(proxyToRelay(relay.url)) });
  const { port } = await gateway.listen();

  const answer = await sendRaw(port, `GET ${stranger.url}/v1/events/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

  expect(answer).not.toContain("a stranger");
  expect(stranger.requests).toEqual([]);
});
