import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { type Listener, listen, serveUntil } from "./listen.ts";

/** An HTTP server with a door like Fastify's. */
function createDoor(): Listener & AsyncDisposable & { readonly listening: () => boolean } {
  const server = createServer((_request, response) => response.end("here"));
  const close = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    async listen({ host, port }) {
      server.listen({ host, port });
      await once(server, "listening");
      return `http://${host}:${(server.address() as AddressInfo).port}`;
    },
    close,
    listening: () => server.listening,
    [Symbol.asyncDispose]: close,
  };
}

describe("an address", () => {
  test("is opened, and told", async () => {
    await using door = createDoor();

    const url = await listen(door, { host: "127.0.0.1", port: 0 });

    expect(await (await fetch(url)).text()).toBe("here");
  });

  test("that is taken is named in one line, with the way out", async () => {
    await using taken = createDoor();
    await using door = createDoor();
    const port = Number(new URL(await listen(taken, { host: "127.0.0.1", port: 0 })).port);

    const failed = listen(door, { host: "127.0.0.1", port });

    await expect(failed).rejects.toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: `address 127.0.0.1:${port} is taken by another process; choose another with --port or OPENVIBE_PORT (0 takes any free one)`,
      cause: expect.objectContaining({ code: "EADDRINUSE" }) as Error,
    });
  });

  test("that is not this machine's is named too", async () => {
    await using door = createDoor();

    await expect(listen(door, { host: "192.0.2.1", port: 0 })).rejects.toMatchObject({
      code: "OV_CONFIG_INVALID",
      message: expect.stringMatching(/^address 192\.0\.2\.1:0 cannot be opened \(EADDRNOTAVAIL\)/) as string,
    });
  });
});

describe("serving until a signal", () => {
  test("ends with it, and closes the door", async () => {
    await using door = createDoor();
    const stop = new AbortController();
    const onReady = vi.fn<(url: string) => void>();

    const served = serveUntil(door, { host: "127.0.0.1", port: 0 }, stop.signal, onReady);
    await vi.waitUntil(() => onReady.mock.calls.length === 1);
    expect(door.listening()).toBe(true);
    stop.abort();
    await served;

    expect(door.listening()).toBe(false);
  });

  test("ends at once when the signal came before", async () => {
    await using door = createDoor();

    await serveUntil(door, { host: "127.0.0.1", port: 0 }, AbortSignal.abort(), () => {});

    expect(door.listening()).toBe(false);
  });
});
