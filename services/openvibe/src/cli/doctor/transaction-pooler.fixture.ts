import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** A server connection of the pool, and who has it. */
interface Backend {
  readonly socket: Socket;
  client: Socket | undefined;
}

/**
 * A pooler before a real Postgres that gives a server connection for one transaction, as PgBouncer does with `pool_mode = transaction`: it answers the
 * greeting itself, and takes a connection back when the server says that it is idle.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function transactionPooler(databaseUrl: string, size = 2): Promise<AsyncDisposable & { readonly url: string }> {
  const target = new URL(databaseUrl);
  const free: Backend[] = [];
  const waiting: ((backend: Backend) => void)[] = [];
  const sockets = new Set<Socket>();
  const giveBack = (backend: Backend) => {
    backend.client = undefined;
    const next = waiting.shift();
    if (next === undefined) free.push(backend);
    else next(backend);
  };
  await Promise.all(Array.from({ length: size }, async () => sockets.add(await openBackend(target, giveBack))));

  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => client.destroy());
    client.once("data", () => {
      client.write(Buffer.concat([message("R", [0, 0, 0, 0]), message("K", [0, 0, 0, 7, 0, 0, 0, 7]), message("Z", [IDLE])]));
      let backend: Backend | undefined;
      client.on("data", (bytes) => {
        if (String.fromCharCode(bytes[0] ?? 0) === "X") return void client.end();
        if (backend?.client === client) return void backend.socket.write(bytes);
        const take = (taken: Backend) => {
          backend = taken;
          taken.client = client;
          taken.socket.write(bytes);
        };
        const last = free.pop();
        if (last === undefined) waiting.push(take);
        else take(last);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: target.href,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const IDLE = "I".charCodeAt(0);

function message(type: string, body: readonly number[]): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

async function openBackend(target: URL, onIdle: (backend: Backend) => void): Promise<Socket> {
  const socket = dial(Number(target.port), target.hostname);
  await once(socket, "connect");
  const backend: Backend = { socket, client: undefined };
  const { promise: greeted, resolve } = Promise.withResolvers<void>();
  let left = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    backend.client?.write(bytes);
    left = Buffer.concat([left, bytes]);
    for (let length = sizeOf(left); length <= left.length; length = sizeOf(left)) {
      const frame = left.subarray(0, length);
      left = left.subarray(length);
      if (String.fromCharCode(frame[0] ?? 0) !== "Z" || frame[5] !== IDLE) continue;
      onIdle(backend);
      resolve();
    }
  });
  const body = Buffer.from(`user\0${target.username}\0database\0${target.pathname.slice(1)}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.writeUInt32BE(196_608, 4);
  socket.write(Buffer.concat([head, body]));
  await greeted;
  return socket;
}

function sizeOf(bytes: Buffer): number {
  return bytes.length < 5 ? Number.POSITIVE_INFINITY : bytes.readUInt32BE(1) + 1;
}
