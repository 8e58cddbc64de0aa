import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "./frame.ts";
import { readSse } from "./sse-client.ts";
import type { SseMessage } from "./sse-parser.ts";
import { SseWriter, type SseWriterOptions } from "./sse-writer.ts";

/** A server whose every response is a writer, given to the test as it opens. */
async function startServer(options: SseWriterOptions = {}, serve?: (request: IncomingMessage, response: ServerResponse) => boolean) {
  const writers: SseWriter[] = [];
  const server = createServer((incoming, response) => {
    if (serve?.(incoming, response) === true) return;
    writers.push(new SseWriter(response, options));
    server.emit("writer");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    writers,
    async writer(index: number): Promise<SseWriter> {
      while (writers.length <= index) await once(server, "writer");
      return writers[index] as SseWriter;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Opens a connection and reads nothing from its body. */
async function openUnread(url: string): Promise<IncomingMessage> {
  const outgoing = request(url)
    .on("error", () => {})
    .end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  incoming.on("error", () => {});
  return incoming;
}

const big = encodeFrame({ event: "big", data: "x".repeat(64 * 1024) });

async function sendUntilOver(writer: SseWriter, frame: Buffer): Promise<number> {
  let sent = 0;
  for (; writer.send(frame); sent++) if (sent % 16 === 0) await sleep(0);
  return sent;
}

describe("a stream", () => {
  test("begins with the retry time and a cursor, and says how it wants to be treated", async () => {
    await using server = await startServer({ retryMs: 1_500, id: "e.0.-", headers: { "x-request-id": "r1" } });
    const incoming = await openUnread(server.url);
    const writer = await server.writer(0);
    writer.send(encodeFrame({ data: "one" }));
    expect(await writer.close()).toBe("closed");

    let text = "";
    for await (const chunk of incoming) text += chunk;

    expect(text).toBe("retry: 1500\nid: e.0.-\n\ndata: one\n\n");
    expect(incoming.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
      "x-request-id": "r1",
      connection: "close",
    });
  });

  test("keeps a quiet connection warm", async () => {
    await using server = await startServer({ heartbeatEveryMs: 20, heartbeat: () => encodeFrame({ id: "checkpoint" }) });
    const incoming = await openUnread(server.url);

    let text = "";
    for await (const chunk of incoming) {
      text += chunk;
      if (text.split("id: checkpoint\n\n").length > 3) break;
    }

    expect(await (await server.writer(0)).ended).toBe("client_gone");
  });

  test("drops a client that lets more queue up than is allowed, and says so", async () => {
    await using server = await startServer({ maxQueuedBytes: 200_000 });
    const incoming = await openUnread(server.url);
    const writer = await server.writer(0);

    await sendUntilOver(writer, big);

    expect(await writer.ended).toBe("overflow");
    expect(writer.signal.aborted).toBe(true);
    await new Promise((resolve) => incoming.resume().once("close", resolve));
    expect(incoming.complete).toBe(false); // cut, not ended: the client knows that something is missing
  });

  test("counts frames as well as bytes", async () => {
    await using server = await startServer({ maxQueuedFrames: 3, maxQueuedBytes: 1e9 });
    await openUnread(server.url);
    const writer = await server.writer(0);

    await sendUntilOver(writer, big);

    expect(await writer.ended).toBe("overflow");
  });

  test("drops a client that takes nothing for the stall time, and lets go of who waits for it", async () => {
    await using server = await startServer({ stalledAfterMs: 80, maxQueuedBytes: 1e9, maxQueuedFrames: 1e9, heartbeatEveryMs: 5 });
    await openUnread(server.url);
    const writer = await server.writer(0);
    while (!writer.isPressed && writer.send(big) && (await Promise.race([writer.whenTaken().then(() => true), sleep(20, false)])));

    const waited = writer.whenTaken();

    expect(await writer.ended).toBe("stalled");
    await waited;
    expect(writer.send(big)).toBe(false);
  });

  test("sends no heartbeat to a client that takes nothing", async () => {
    let beats = 0;
    const heartbeat = () => encodeFrame({ comment: String(beats++) });
    await using server = await startServer({ heartbeatEveryMs: 5, heartbeat, maxQueuedBytes: 1e9, maxQueuedFrames: 1e9 });
    await openUnread(server.url);
    const writer = await server.writer(0);
    while ((await Promise.race([writer.whenTaken().then(() => true), sleep(20, false)])) && writer.send(big));
    const before = beats;

    await sleep(60); // proves that none is sent

    expect(beats).toBe(before);
  });

  test("lets go of who waits when the client leaves while it is blocked", async () => {
    await using server = await startServer({ maxQueuedBytes: 1e9, maxQueuedFrames: 1e9 });
    const incoming = await openUnread(server.url);
    const writer = await server.writer(0);
    while ((await Promise.race([writer.whenTaken().then(() => true), sleep(20, false)])) && writer.send(big));
    const waited = writer.whenTaken();

    incoming.destroy();

    expect(await writer.ended).toBe("client_gone");
    await waited;
  });

  test("delivers everything in order to a client that reads slowly", async () => {
    await using server = await startServer();
    const incoming = await openUnread(server.url);
    const writer = await server.writer(0);
    const sending = (async () => {
      for (let i = 0; i < 5_000; i++) {
        if (writer.isPressed) await writer.whenTaken();
        if (!writer.send(encodeFrame({ data: `${i} ${"x".repeat(2_000)}` }))) return "dropped";
      }
      return writer.close();
    })();

    let text = "";
    for await (const chunk of incoming) {
      text += chunk;
      await sleep(0);
    }

    expect(await sending).toBe("closed");
    expect(Array.from(text.matchAll(/^data: (\d+) /gm), ([, n]) => Number(n))).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  });

  test("does not wait for ever when it is closed while the client takes nothing", async () => {
    await using server = await startServer({ stalledAfterMs: 60, maxQueuedBytes: 1e9, maxQueuedFrames: 1e9 });
    await openUnread(server.url);
    const writer = await server.writer(0);
    while ((await Promise.race([writer.whenTaken().then(() => true), sleep(20, false)])) && writer.send(big));

    expect(await writer.close()).toBe("stalled");
    expect(await writer.close()).toBe("stalled");
  });
});

describe("the client", () => {
  test("comes back after every cut with the last id it has seen complete", async () => {
    const seen: string[] = [];
    await using server = await startServer({ retryMs: 1 }, (incoming, response) => {
      const from = Number(incoming.headers["last-event-id"] ?? "0");
      seen.push(String(incoming.headers["last-event-id"]));
      if (from >= 20) return response.writeHead(204).end() !== undefined;
      const writer = new SseWriter(response, { retryMs: 1 });
      for (let i = from + 1; i <= 20; i++) writer.send(encodeFrame({ id: String(i), data: String(i) }));
      void writer.close();
      return true;
    });
    const read: number[] = [];

    let connections = 0;
    const cutAt = () => (connections < 6 ? 25 + connections * 3 : undefined);
    const messages = readSse(server.url, { onConnect: () => connections++, onBytes: cutAt });
    for await (const message of messages) read.push(Number(message.data));

    expect(read).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(connections).toBeGreaterThan(6);
    expect(seen.at(-1)).toBe("20");
  });

  test("tries again when nobody answers or the server is unwell, and stops when it is refused", async () => {
    const answers = [500, 429, 503, 404];
    const statuses: number[] = [];
    await using server = await startServer({}, (_incoming, response) => {
      response
        .writeHead(answers.shift() ?? 204, { "retry-after": "0", "content-type": "application/problem+json" })
        .end(JSON.stringify({ code: "OV_RUN_NOT_FOUND", detail: "operator a has no run b" }));
      return true;
    });
    const read = async (url: (attempt: number) => string) => {
      for await (const _ of readSse(url, { onConnect: ({ status }) => statuses.push(status), maxWaitMs: 5 }));
    };

    const refused = read((attempt) => (attempt === 0 ? "http://127.0.0.1:1/" : server.url));

    await expect(refused).rejects.toMatchObject({ code: "OV_RUN_NOT_FOUND", message: expect.stringContaining("operator a has no run b") });
    expect(statuses).toEqual([500, 429, 503, 404]);
  });

  test("ends without an error when it is told to, also while it waits", async () => {
    await using server = await startServer({ retryMs: 60_000 });
    const stop = new AbortController();
    const messages: SseMessage[] = [];
    const reading = (async () => {
      for await (const message of readSse(server.url, { signal: stop.signal })) messages.push(message);
    })();
    const writer = await server.writer(0);
    writer.send(encodeFrame({ event: "a", data: "1" }));
    await writer.close();
    await sleep(20);

    stop.abort();

    await reading;
    expect(messages.map(({ event }) => event)).toEqual(["a"]);
  });

  test("takes a connection on which nothing arrives for dead", async () => {
    await using server = await startServer({ retryMs: 1 });
    const stop = new AbortController();
    const reading = (async () => {
      for await (const _ of readSse(server.url, { signal: stop.signal, idleMs: 30 }));
    })();

    expect(await (await server.writer(0)).ended).toBe("client_gone");
    await server.writer(1);

    stop.abort();
    await reading;
  });
});
