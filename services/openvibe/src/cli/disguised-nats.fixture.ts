import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

export interface Disguise {
  readonly version?: string;
  /** What it says our address is. */
  readonly clientIp?: string;
  /** How far its clock seems to be ahead. */
  readonly aheadMs?: number;
}

/** A real nats-server that says something else about itself: that is rewritten on the way, all else passes as it is. */
export async function disguised(natsUrl: string, disguise: Disguise): Promise<AsyncDisposable & { readonly url: string }> {
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
      const told = rewrite(text, disguise);
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

function rewrite(text: string, { version, clientIp, aheadMs = 0 }: Disguise): string {
  const later = (stamp: string) => new Date(Date.parse(`${stamp}Z`) + aheadMs).toISOString().slice(0, 19);
  return text
    .replaceAll(/"version":"[^"]+","proto"/g, (found) => (version === undefined ? found : `"version":"${version}","proto"`))
    .replaceAll(/"client_ip":"[^"]+"/g, (found) => (clientIp === undefined ? found : `"client_ip":"${clientIp}"`))
    .replaceAll(/"time":"([\dT:-]{19})/g, (_found, stamp: string) => `"time":"${later(stamp)}`); // as long as before: a message's length stays
}
