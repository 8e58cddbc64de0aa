import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ContainerUnit, createContainerUnit, dockerHost } from "./container-unit.ts";
import { getDocker } from "./docker.ts";
import type { NatsSource } from "./find-nats.ts";
import { toNatsConfigText } from "./nats-config.ts";
import { askHealth, readNatsInfo } from "./nats-probe.ts";
import type { NatsOptions, NatsServer } from "./nats-server.ts";
import { createServerFolder, ProcessUnit } from "./process-unit.ts";
import { type Keepable, type KeptUnit, restartUnit, startUnit, type Unit } from "./unit.ts";
import type { FoundBy } from "./ways.ts";

/** The ports in a container, where nothing else is. */
export const NATS_PORTS_INSIDE = { client: 4222, monitor: 8222, cluster: 6222 } as const;

/** The ports under which the outside reaches it; `cluster` only where there is one. */
interface NatsPorts {
  readonly client: number;
  readonly monitor: number;
  readonly cluster?: number;
}

export interface NatsServerPlan {
  readonly source: Exclude<NatsSource, { type: "given" }>;
  readonly options: NatsOptions;
  readonly outlive: boolean;
  readonly name: string;
  readonly ports: NatsPorts;
  readonly cluster?: {
    /** Where the other members listen for it, as seen from inside. */
    readonly routes: readonly string[];
    readonly networkId?: string;
  };
}

/** Prepares a server; `startFirst` starts it. */
export async function createNatsServer(plan: NatsServerPlan): Promise<OwnNatsServer> {
  const { source, ports } = plan;
  const { unit, host } = source.type === "program" ? await createProcess(plan, source.file) : await createContainer(plan, source.image);
  return new OwnNatsServer({
    unit,
    name: plan.name,
    url: `nats://${host}:${ports.client}`,
    monitorUrl: `http://${host}:${ports.monitor}`,
    foundBy: source.foundBy,
  });
}

async function createProcess(plan: NatsServerPlan, file: string): Promise<{ unit: Unit; host: string }> {
  const { name, ports, cluster, options } = plan;
  const folder = await createServerFolder("nats");
  const text = toNatsConfigText({
    name,
    listen: `127.0.0.1:${ports.client}`,
    monitor: `127.0.0.1:${ports.monitor}`,
    storeFolder: join(folder, "store"),
    syncAlways: options.syncAlways === true,
    extraConfig: options.extraConfig ?? "",
    ...(cluster === undefined ? {} : { cluster: { listen: `127.0.0.1:${ports.cluster}`, routes: cluster.routes } }),
  });
  const configFile = join(folder, "nats-server.conf");
  await writeFile(configFile, text);
  return { unit: new ProcessUnit({ file, args: ["-c", configFile], folder, stopSignal: "SIGKILL" }), host: "127.0.0.1" };
}

async function createContainer(plan: NatsServerPlan, image: string): Promise<{ unit: ContainerUnit; host: string }> {
  const { name, ports, cluster, options, outlive } = plan;
  const host = dockerHost(await getDocker());
  const text = toNatsConfigText({
    name,
    listen: `0.0.0.0:${NATS_PORTS_INSIDE.client}`,
    monitor: `0.0.0.0:${NATS_PORTS_INSIDE.monitor}`,
    storeFolder: "/data",
    syncAlways: options.syncAlways === true,
    extraConfig: options.extraConfig ?? "",
    ...(cluster === undefined
      ? {}
      : { cluster: { listen: `0.0.0.0:${NATS_PORTS_INSIDE.cluster}`, routes: cluster.routes, advertise: `${host}:${ports.client}` } }),
  });
  const unit = await createContainerUnit({
    name,
    image,
    // The text comes in by a variable: that needs no file on the daemon's machine.
    command: ["sh", "-c", 'printf %s "$CONFIG" >/tmp/nats-server.conf && exec nats-server -c /tmp/nats-server.conf'],
    environment: { CONFIG: text },
    ports: [
      { inside: NATS_PORTS_INSIDE.client, host: ports.client },
      { inside: NATS_PORTS_INSIDE.monitor, host: ports.monitor },
    ],
    ...(cluster?.networkId === undefined ? {} : { networkId: cluster.networkId }),
    outlive,
  });
  return { unit, host };
}

interface OwnNatsParts {
  readonly unit: Unit;
  readonly name: string;
  readonly url: string;
  readonly monitorUrl: string;
  readonly foundBy: FoundBy;
}

export class OwnNatsServer implements NatsServer, Keepable {
  readonly #parts: OwnNatsParts;
  #version = "";

  constructor(parts: OwnNatsParts) {
    this.#parts = parts;
  }

  get url(): string {
    return this.#parts.url;
  }

  get monitorUrl(): string {
    return this.#parts.monitorUrl;
  }

  get foundBy(): FoundBy {
    return this.#parts.foundBy;
  }

  get pid(): number | undefined {
    return this.#parts.unit.pid;
  }

  get version(): string {
    return this.#version;
  }

  async startFirst(): Promise<void> {
    this.#version = await startUnit(this.#parts.unit, "nats-server", () => this.#probe("alone"));
  }

  /** Resolves when it answers; in a cluster it may still have no leader, and two members of three can be without one for long. */
  async start(): Promise<void> {
    await restartUnit(this.#parts.unit, "nats-server", () => this.#probe("alone"));
  }

  /** Starts it if it does not run; resolves when it follows the leader of its cluster. */
  async startAsMember(): Promise<void> {
    await restartUnit(this.#parts.unit, "nats-server", () => this.#probe("member"));
  }

  async kill(): Promise<void> {
    await this.#parts.unit.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#parts.unit.end("SIGTERM");
  }

  async keep(): Promise<readonly KeptUnit[]> {
    return [await this.#parts.unit.keep()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.unit.remove();
  }

  /** Throws until it answers. */
  async #probe(role: "alone" | "member"): Promise<string> {
    const { name, url, monitorUrl } = this.#parts;
    const info = await readNatsInfo(url);
    if (info.serverName !== name) throw new Error(`another server listens on ${url}`);
    await askHealth(monitorUrl, role);
    return info.version;
  }
}
