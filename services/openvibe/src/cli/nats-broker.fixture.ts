import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Finding } from "@openvibe/core";
import { type NatsOptions, type NatsServer, startNats } from "@openvibe/stack";
import { type Ended, openvibe } from "../spawn-node.fixture.ts";

export interface OwnBroker extends AsyncDisposable {
  readonly server: NatsServer;
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  /** `openvibe nats <args>` on it. */
  nats(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** What `openvibe nats doctor` finds, but for what is well. */
  faults(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<readonly Finding[]>;
}

/** A nats-server of one's own: what is applied to it has the names of the real streams. `login` stands before the host in its address. */
export async function openOwnBroker(options: NatsOptions = {}, login = ""): Promise<OwnBroker> {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startNats({ own: true, ...options }));
  const [user, pass] = login.replace("@", "").split(":");
  const nc = await connect({ servers: server.url, ...(user && pass ? { user, pass } : {}) });
  starting.defer(() => nc.close());
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const NATS_URL = server.url.replace("//", `//${login}`);
  const nats = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    openvibe(["nats", ...args], { env: { NATS_URL, ...env } });
  const stack = starting.move();
  return {
    server,
    nc,
    jsm,
    nats,
    faults: async (args = [], env = {}) => findingsOf(await nats(["doctor", "--json", ...args], env)).filter(({ level }) => level !== "ok"),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export function findingsOf({ out, err }: Ended): readonly Finding[] {
  try {
    return (JSON.parse(out) as { findings: Finding[] }).findings;
  } catch {
    throw new Error(`no findings:\n${out}${err}`);
  }
}
