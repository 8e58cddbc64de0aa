import type { Config } from "@openvibe/composition";
import { type Finding, type OperatorId, okFinding } from "@openvibe/core";

/** The broker: NATS by what `openvibe nats doctor` finds. */
export async function examineBus(
  bus: Config["bus"],
  { operators, monitorUrl }: { readonly operators: readonly OperatorId[]; readonly monitorUrl?: string | undefined },
): Promise<readonly Finding[]> {
  if (bus.kind === "memory") return [okFinding("broker", "none is needed: the bus is in this process")];
  if (bus.kind === "redis") {
    const { examineRedis } = await import("@openvibe/bus/redis");
    return examineRedis(bus.url);
  }
  const { examineServers } = await import("@openvibe/bus/nats");
  return examineServers(bus.servers, { replicas: bus.replicas, operators, ...(monitorUrl === undefined ? {} : { monitorUrl }) });
}
