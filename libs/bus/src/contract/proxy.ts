import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** Passes bytes on. `cut` drops every connection with what is under way, and refuses new ones until `mend`. */
export async function openProxy(target: string) {
  const { hostname, port, protocol } = new URL(target);
  const sockets = new Set<Socket>();
  let passing = true;
  /** What the server said while it is held back. */
  let held: (() => void)[] | undefined;
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.on("data", (bytes) => {
        if (held !== undefined && from === upstream) held.push(() => to.write(bytes));
        else if (passing) to.write(bytes);
      });
    }
  });
  const listen = async (at: number) => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const at = await listen(0);
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    url: `${protocol}//127.0.0.1:${at}`,
    cut,
    /** Nothing passes any more, and nobody is told. */
    freeze() {
      passing = false;
    },
    /** The server's words wait until `letGo`. */
    holdBack() {
      held = [];
    },
    letGo() {
      const late = held ?? [];
      held = undefined;
      for (const say of late) say();
    },
    async mend() {
      passing = true;
      await listen(at);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) cut();
    },
  };
}
