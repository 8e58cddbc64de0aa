import { OpenVibeError } from "@openvibe/core";
import { print } from "./print.ts";

/** `openvibe nats apply`: streams and buckets of the broker at `NATS_URL`. */
export async function natsApply(options: { readonly replicas?: string; readonly json?: boolean }): Promise<void> {
  const [{ loadConfig }, { applyToServers }] = await Promise.all([import("@openvibe/composition"), import("@openvibe/bus/nats")]);
  const config = await loadConfig(process.env, { OPENVIBE_BUS: "nats", OPENVIBE_NATS_REPLICAS: options.replicas });
  if (config.bus.kind !== "nats") throw new OpenVibeError("OV_CONFIG_INVALID", "set NATS_URL to the broker's address");
  const done = await applyToServers(config.bus.servers, { replicas: config.bus.replicas });
  if (options.json === true) return print(JSON.stringify(done));
  for (const { stream, action } of done) print(`${action.padEnd(9)} ${stream}`);
}
