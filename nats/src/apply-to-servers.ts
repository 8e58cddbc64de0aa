import { connect } from "@nats-io/transport-node";
import { messageOf, OpenVibeError } from "@openvibe/core";
import { type ApplyOptions, applyBroker, type StreamPlan } from "./apply.ts";

const CONNECT_MS = 5_000;

/** Connects, applies, closes: what `openvibe nats apply` does. @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_BUS_CONFIG */
export async function applyToServers({
  servers,
  ...options
}: ApplyOptions & { readonly servers: readonly string[] }): Promise<readonly StreamPlan[]> {
  const nc = await connect({ servers: [...servers], name: "openvibe nats apply", timeout: CONNECT_MS, maxReconnectAttempts: 0 }).catch(
    (cause: unknown) => {
      throw new OpenVibeError("OV_BUS_UNAVAILABLE", `no NATS server can be reached at NATS_URL: ${messageOf(cause)}`, { cause });
    },
  );
  try {
    return await applyBroker(nc, options);
  } finally {
    await nc.close();
  }
}
