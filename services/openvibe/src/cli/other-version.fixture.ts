import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** A real nats-server that says it is of another version: its INFO is rewritten on the way, all else passes as it is. */
export async function otherVersion(natsUrl: string, version: string): Promise<AsyncDisposable & { readonly url: string }> {
  const { hostname, port } = new URL(natsUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    sockets.add(client).add(upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
    client.pipe(upstream);
    // INFO comes first, and again when the client has logged in.
    upstream.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      const told = text.replaceAll(/"version":"[^"]+","proto"/g, `"version":"${version}","proto"`);
      client.write(told === text ? bytes : Buffer.from(told, "latin1"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
