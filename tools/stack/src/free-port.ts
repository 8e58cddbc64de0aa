import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Below the range from which kernels take the ports of outgoing connections (32768 on Linux, 49152 on macOS): while a killed
// server is down, no client's connection (not even a reconnect to the very port) can take the port away from it.
const FIRST_PORT = 20_000;
const LAST_PORT = 29_999;

/** A TCP port of 127.0.0.1 that nobody listens on. Nobody reserves it either: be ready to try another one. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("freePorts(1) gave no port");
  return port;
}

/** That many different free ports. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: { port: number; server: Server }[] = [];
  try {
    for (let attempt = 0; held.length < count; attempt++) {
      if (attempt > 200) throw new Error(`found no ${count} free ports on 127.0.0.1 between ${FIRST_PORT} and ${LAST_PORT}`);
      const port = randomInt(FIRST_PORT, LAST_PORT + 1);
      const server = await listen(port);
      if (server !== undefined) held.push({ port, server });
    }
    return held.map(({ port }) => port);
  } finally {
    await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  }
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  try {
    server.listen({ host: "127.0.0.1", port });
    await once(server, "listening");
    return server;
  } catch {
    return undefined; // taken: the caller draws again
  }
}
