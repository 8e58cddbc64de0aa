import { OpenVibeError } from "@openvibe/core";
import type { Bus } from "../bus.ts";
import { HOLD_MS } from "../work-queue.ts";
import { RedisBuckets } from "./buckets.ts";
import { toBusError } from "./errors.ts";
import { RedisEventLog } from "./event-log.ts";
import { openLink } from "./link.ts";
import type { RedisBusOptions } from "./options.ts";
import { RedisRequests } from "./requests.ts";
import { keepTidy } from "./retention.ts";
import { RedisSignals } from "./signals.ts";
import { StreamFollower } from "./stream-follower.ts";
import { within } from "./wire.ts";
import { RedisWorkQueue } from "./work-queue.ts";

/**
 * A bus over Redis 7 or newer: one server, which may have replicas, with its append-only file on.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_BUS_CONFIG (server too old, or a cluster), OV_CONFIG_INVALID (`url`)
 */
export async function openRedisBus(options: RedisBusOptions): Promise<Bus> {
  const { holdMs = HOLD_MS, maxEvents = 1_000_000 } = options;
  const link = await openLink(options);
  keepTidy(link);
  const follower = new StreamFollower(link);
  const signals = new RedisSignals(link);
  const queue = new RedisWorkQueue({ link, holdMs, signals });
  return {
    kind: "redis",
    queue,
    log: new RedisEventLog({ link, follower, maxEvents }),
    requests: new RedisRequests(link),
    signals,
    buckets: new RedisBuckets({ link, follower }),
    prepareOperator: (operatorId) => queue.prepare(operatorId),
    ping: async (timeoutMs) => {
      link.assertOpen();
      if (!link.connected) throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the connection to Redis is lost");
      await within(timeoutMs, link.call("PING")).catch((cause: unknown) => {
        throw toBusError("Redis does not answer", cause);
      });
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}
