import { connect as dial } from "node:net";
import { networkInterfaces } from "node:os";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Finding, okFinding, warnFinding } from "@openvibe/core";
import { askUser } from "@openvibe/nats";

const WITHIN_MS = 2_000;
const CHECK = "broker.login";

/** Whether somebody without a login gets in, and from where. */
export async function examineDoor(nc: NatsConnection): Promise<readonly Finding[]> {
  const address = nc.getServer();
  const stranger = await connect({ servers: address, name: "openvibe nats doctor", timeout: WITHIN_MS, reconnect: false }).catch(
    () => undefined,
  );
  if (stranger === undefined) return [okFinding(CHECK, "nobody gets in without a login")];
  try {
    const account = (await askUser(stranger).catch(() => undefined))?.account ?? "";
    const ours = (await askUser(nc).catch(() => undefined))?.account ?? "";
    if (account !== ours && account !== "$G") return [okFinding(CHECK, `who has no login gets into account ${account}, which is not ours`)];
    const outside = await outsideAddress(nc);
    const named = account === "" ? "" : ` into account ${account}`;
    if (outside === undefined) return [okFinding(CHECK, `everybody on this machine gets in without a login${named}; nobody else can`)];
    return [
      warnFinding(CHECK, `everybody gets in without a login${named} at ${outside}, which other machines can reach`, {
        why: "they can read all events and context, and start or purge work",
        todo: "give the server users (an authorization block) and NATS_URL a login, or let it listen on 127.0.0.1 only",
      }),
    ];
  } finally {
    await stranger.close();
  }
}

/** An address of the server that is not loopback: the one we use, or one of this machine's where it listens. */
async function outsideAddress(nc: NatsConnection): Promise<string | undefined> {
  const { client_ip = "", port = 0 } = nc.info ?? {};
  if (!isLoopback(client_ip)) return nc.getServer();
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of own) if (await answers(address, port)) return `${address}:${port}`;
  return undefined;
}

function isLoopback(ip: string): boolean {
  return ip === "::1" || /^(::ffff:)?127\./.test(ip);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host, port, timeout: WITHIN_MS });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("data", (bytes) => end(bytes.toString("latin1").startsWith("INFO ")));
    for (const event of ["error", "timeout", "close"] as const) socket.once(event, () => end(false));
  });
}
