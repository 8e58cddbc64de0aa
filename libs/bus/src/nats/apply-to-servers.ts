import { connect } from "@nats-io/transport-node";
import { messageOf, OpenVibeError } from "@openvibe/core";
import { applyBroker, type StreamOptions, type StreamPlan } from "@openvibe/nats";
import { toConnectionOptions } from "./options.ts";

/** Connects, applies, closes: what `openvibe nats apply` does. @throws OpenVibeError OV_CONFIG_INVALID, OV_BUS_UNAVAILABLE, OV_BUS_CONFIG */
export async function applyToServers(servers: readonly string[], options: StreamOptions): Promise<readonly StreamPlan[]> {
  const connection = {
    ...toConnectionOptions({ servers, name: "openvibe nats apply" }),
    maxReconnectAttempts: 0,
    ignoreAuthErrorAbort: false,
  };
  const nc = await connect(connection).catch((cause: unknown) => {
    throw new OpenVibeError("OV_BUS_UNAVAILABLE", `no NATS server lets us in at NATS_URL: ${messageOf(cause)}`, { cause });
  });
  try {
    return await applyBroker(nc, options);
  } finally {
    await nc.close();
  }
}
