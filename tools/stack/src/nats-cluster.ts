import { createNetwork } from "./docker.ts";
import type { NatsSource } from "./find-nats.ts";
import { freePorts } from "./free-port.ts";
import type { NatsOptions, NatsServer } from "./nats-server.ts";
import { createNatsServer, NATS_PORTS_INSIDE, type OwnNatsServer } from "./own-nats-server.ts";
import { findNatsSource, newServerName } from "./start-nats.ts";
import { type Keepable, type KeptUnit, withFreshPorts } from "./unit.ts";

/** A JetStream cluster. It is always our own: no way gives somebody else's. */
export interface NatsCluster extends AsyncDisposable {
  readonly urls: readonly string[];
  readonly servers: readonly NatsServer[];
  /** Resolves when every member runs and follows the leader: after a restart, when a stream of three replicas can be made again. */
  ready(): Promise<void>;
}

export interface NatsClusterOptions extends Omit<NatsOptions, "own"> {
  readonly size?: 3 | 5;
}

/** Starts a cluster of nats-servers (3 unless told) on 127.0.0.1; resolves when all follow one leader. */
export function startNatsCluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
  return openNatsCluster(options, { outlive: false });
}

/** `outlive`: it will be kept. */
export async function openNatsCluster(options: NatsClusterOptions, { outlive }: { outlive: boolean }): Promise<NatsCluster & Keepable> {
  const source = await findNatsSource(options, true);
  if (source.type === "given") throw new Error("a cluster is never a given server");
  return withFreshPorts(() => startMembers(source, options, outlive));
}

async function startMembers(
  source: Exclude<NatsSource, { type: "given" }>,
  options: NatsClusterOptions,
  outlive: boolean,
): Promise<NatsCluster & Keepable> {
  const { size = 3 } = options;
  const ports = await freePorts(size * 3);
  const port = (index: number) => ports[index] ?? 0;
  const names = Array.from({ length: size }, newServerName);
  const network = source.type === "image" ? await createNetwork(newServerName(), { outlive }) : undefined;
  const routes = names.map((name, index) =>
    network === undefined ? `nats://127.0.0.1:${port(index * 3 + 2)}` : `nats://${name}:${NATS_PORTS_INSIDE.cluster}`,
  );
  const servers: OwnNatsServer[] = [];
  const cluster = {
    routes,
    ...(network === undefined ? {} : { networkId: network.id }),
  };
  let disposed: Promise<void> | undefined;
  const remove = async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await network?.remove();
  };
  const dispose = () => {
    disposed ??= remove();
    return disposed;
  };
  const ready = async () => {
    await Promise.all(servers.map((server) => server.startAsMember()));
  };
  try {
    for (const [index, name] of names.entries()) {
      const own = { client: port(index * 3), monitor: port(index * 3 + 1), cluster: port(index * 3 + 2) };
      servers.push(await createNatsServer({ source, options, outlive, name, ports: own, cluster }));
    }
    await Promise.all(servers.map((server) => server.startFirst()));
    await ready();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    urls: servers.map(({ url }) => url),
    servers,
    ready,
    keep: async () => {
      const kept = await Promise.all(servers.map((server) => server.keep()));
      return kept
        .flat()
        .map((unit): KeptUnit => (unit.type === "container" && network !== undefined ? { ...unit, networkId: network.id } : unit));
    },
    [Symbol.asyncDispose]: dispose,
  };
}
