import { connect, type NatsConnection } from "@nats-io/transport-node";
import { messageOf, OpenVibeError } from "@openvibe/core";
import { type ApplyOptions, applyBroker, type BrokerPlan, planBroker } from "@openvibe/nats";
import { toConnectionOptions } from "./options.ts";

/** Connects, plans, closes: what `openvibe nats plan` does. @throws OpenVibeError OV_CONFIG_INVALID, OV_BUS_UNAVAILABLE, OV_BUS_CONFIG */
export function planOnServers(servers: readonly string[], options: ApplyOptions): Promise<BrokerPlan> {
  return onServers(servers, "plan", (nc) => planBroker(nc, options));
}

/** Connects, applies, closes: what `openvibe nats apply` does. @throws OpenVibeError OV_CONFIG_INVALID, OV_BUS_UNAVAILABLE, OV_BUS_CONFIG */
export function applyOnServers(servers: readonly string[], options: ApplyOptions): Promise<BrokerPlan> {
  return onServers(servers, "apply", (nc) => applyBroker(nc, options));
}

async function onServers<T>(servers: readonly string[], verb: string, work: (nc: NatsConnection) => Promise<T>): Promise<T> {
  const nc = await connectOnce(servers, `openvibe nats ${verb}`).catch((cause: unknown) => {
    throw new OpenVibeError("OV_BUS_UNAVAILABLE", `no NATS server lets us in at NATS_URL: ${messageOf(cause)}`, { cause });
  });
  try {
    return await work(nc);
  } finally {
    await nc.close();
  }
}

/** A connection for a command: tried once, never again. @throws OpenVibeError OV_CONFIG_INVALID, and the client's errors */
export function connectOnce(servers: readonly string[], name: string): Promise<NatsConnection> {
  return connect({ ...toConnectionOptions({ servers, name }), maxReconnectAttempts: 0, reconnect: false, ignoreAuthErrorAbort: false });
}
