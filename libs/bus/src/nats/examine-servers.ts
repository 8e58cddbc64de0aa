import type { NatsConnection } from "@nats-io/transport-node";
import { type Finding, failFinding, isOpenVibeError, messageOf, okFinding, warnFinding } from "@openvibe/core";
import { type ExamineOptions, examineBroker, examineVersion } from "@openvibe/nats";
import { examineDoor } from "./examine-door.ts";
import { examineMonitor } from "./examine-monitor.ts";
import { connectOnce } from "./on-servers.ts";

export interface ExamineServersOptions extends ExamineOptions {
  /** The server's monitoring address, such as `http://127.0.0.1:8222`: the only place that tells how it writes to the disk. */
  readonly monitorUrl?: string;
}

/** One address of `NATS_URL`, tried for itself. */
interface Tried {
  readonly address: string;
  readonly nc?: NatsConnection;
  readonly error?: unknown;
}

/** What `openvibe nats doctor` tells. Changes nothing on the broker. @throws OpenVibeError OV_CONFIG_INVALID */
export async function examineServers(servers: readonly string[], options: ExamineServersOptions): Promise<readonly Finding[]> {
  const tried = await Promise.all(servers.map((server) => tryServer(server, servers[0] ?? server)));
  const open = tried.flatMap(({ nc }) => (nc === undefined ? [] : [nc]));
  const [first] = open;
  try {
    const connections = tried.map((each) => examineConnection(each, first !== undefined));
    if (first === undefined) return connections;
    const versions = [...new Set(open.map(({ info }) => info?.version ?? "0.0.0"))].map(examineVersion);
    const found = [...connections, ...versions];
    if (versions.some(({ level }) => level === "fail")) return found;
    const [broker, doors, monitor] = await Promise.all([
      examineBroker(first, options),
      examineDoor(first),
      examineMonitor(options.monitorUrl, options.replicas, first.info?.client_ip),
    ]);
    return [...found, ...doors, ...broker, ...monitor];
  } finally {
    await Promise.all(open.map((nc) => nc.close()));
  }
}

/** The login stands before the first address and holds for all. */
async function tryServer(server: string, first: string): Promise<Tried> {
  const login = /^(?:\w+:\/\/)?([^@/]*@)/.exec(first)?.[1] ?? "";
  const host = server.replace(/^\w+:\/\//, "").replace(/^[^@/]*@/, "");
  try {
    return { address: host, nc: await connectOnce([`nats://${login}${host}`], "openvibe nats doctor") };
  } catch (error) {
    if (isOpenVibeError(error)) throw error;
    return { address: host, error };
  }
}

function examineConnection({ address, nc, error }: Tried, another: boolean): Finding {
  const check = "broker.connection";
  if (nc !== undefined) return okFinding(check, `${address} lets us in (server ${nc.info?.server_name ?? "without a name"})`);
  const refused = error instanceof Error && error.name === "AuthorizationError";
  const what = refused ? `${address} refuses the login` : `${address} cannot be reached: ${messageOf(error)}`;
  const todo = refused ? "check user and password, or token, in NATS_URL" : "start that server, or correct NATS_URL";
  if (another) return warnFinding(check, what, { why: "a client that loses the other servers has nowhere to go", todo });
  return failFinding(check, what, { why: "nothing works without the broker", todo });
}
