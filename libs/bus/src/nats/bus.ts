import { OpenVibeError } from "@openvibe/core";
import { applyBroker, checkServerVersion } from "@openvibe/nats";
import type { Bus } from "../bus.ts";
import { HOLD_MS } from "../work-queue.ts";
import { NatsBuckets } from "./buckets.ts";
import { toBusError } from "./errors.ts";
import { NatsEventLog } from "./event-log.ts";
import { openLink, within } from "./link.ts";
import type { NatsBusOptions } from "./options.ts";
import { NatsRequests } from "./requests.ts";
import { NatsSignals } from "./signals.ts";
import { NatsWorkQueue } from "./work-queue.ts";

/**
 * A bus over NATS with JetStream, nats-server 2.10 or newer.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_BUS_CONFIG (server too old; with `apply`: a stream that differs), OV_CONFIG_INVALID (`servers`)
 */
export async function openNatsBus(options: NatsBusOptions): Promise<Bus> {
  const { holdMs = HOLD_MS } = options;
  const link = await openLink(options);
  try {
    if (options.apply === undefined) checkServerVersion(link.nc.info?.version ?? "0.0.0", link.logger);
    else await applyBroker(link.nc, { ...options.apply, log: link.logger });
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
  const signals = new NatsSignals(link);
  const queue = new NatsWorkQueue({ link, holdMs, signals });
  return {
    kind: "nats",
    queue,
    log: new NatsEventLog(link),
    requests: new NatsRequests(link),
    signals,
    buckets: new NatsBuckets(link, { replicas: options.bucketReplicas ?? options.apply?.replicas }),
    prepareOperator: (operatorId) => queue.prepare(operatorId),
    ping: async (timeoutMs) => {
      link.assertOpen();
      // A flush during an outage would be answered when it is over: the question is whether the broker answers now.
      if (!link.connected) throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the connection to NATS is lost");
      await within(timeoutMs, link.nc.flush()).catch((cause: unknown) => {
        throw toBusError("NATS does not answer", cause);
      });
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}
