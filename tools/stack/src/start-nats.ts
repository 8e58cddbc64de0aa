import { randomBytes } from "node:crypto";
import { readEnvironment } from "./environment.ts";
import { findNats, type NatsSource } from "./find-nats.ts";
import { freePorts } from "./free-port.ts";
import { readNatsInfo } from "./nats-probe.ts";
import type { NatsOptions, NatsServer } from "./nats-server.ts";
import { createNatsServer, type OwnNatsServer } from "./own-nats-server.ts";
import { type Keepable, withFreshPorts } from "./unit.ts";
import { FoundBy } from "./ways.ts";

/** Starts a nats-server on 127.0.0.1, or takes the one that `OPENVIBE_TEST_NATS_URL` names. */
export function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  return openNats(options, { outlive: false });
}

/** `outlive`: it will be kept. */
export async function openNats(options: NatsOptions, { outlive }: { outlive: boolean }): Promise<NatsServer & Keepable> {
  const own = options.own === true || options.syncAlways === true || options.extraConfig !== undefined;
  const source = await findNatsSource(options, own);
  if (source.type === "given") return openGivenNats(source.url);
  return withFreshPorts(async () => {
    const [client, monitor] = await freePorts(2);
    const server = await createNatsServer({
      source,
      options,
      outlive,
      name: newServerName(),
      ports: { client: client ?? 0, monitor: monitor ?? 0 },
    });
    return startOrRemove(server);
  });
}

export function findNatsSource({ notify }: NatsOptions, own: boolean): Promise<NatsSource> {
  return findNats(readEnvironment(process.env), { own, ...(notify === undefined ? {} : { notify }) });
}

export function newServerName(): string {
  return `openvibe-test-${randomBytes(6).toString("hex")}`;
}

async function startOrRemove(server: OwnNatsServer): Promise<OwnNatsServer> {
  try {
    await server.startFirst();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

async function openGivenNats(urls: string): Promise<NatsServer & Keepable> {
  const first = urls.split(",")[0] ?? urls;
  const url = first.includes("://") ? first : `nats://${first}`;
  const notOurs = async () => {
    throw new Error("OPENVIBE_TEST_NATS_URL gave this server, so it is not ours to stop: use startNats({ own: true })");
  };
  const { version } = await readNatsInfo(url).catch((cause: unknown) => {
    throw new Error(`OPENVIBE_TEST_NATS_URL names a server that does not answer: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  });
  return {
    url: urls,
    monitorUrl: undefined,
    pid: undefined,
    version,
    foundBy: FoundBy.Environment,
    kill: notOurs,
    start: async () => {},
    stop: notOurs,
    keep: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
}
