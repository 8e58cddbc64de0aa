import { readEnvironment } from "./environment.ts";
import { findRedis } from "./find-redis.ts";
import { startOwnRedis } from "./own-redis-server.ts";
import { readRedisInfo } from "./redis-probe.ts";
import type { RedisOptions, RedisServer } from "./redis-server.ts";
import { type Keepable, withFreshPorts } from "./unit.ts";
import { FoundBy } from "./ways.ts";

/** Starts a Redis on 127.0.0.1, or takes the one that `OPENVIBE_TEST_REDIS_URL` names. */
export function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  return openRedis(options, { outlive: false });
}

/** `outlive`: it will be kept. */
export async function openRedis(options: RedisOptions, { outlive }: { outlive: boolean }): Promise<RedisServer & Keepable> {
  const { notify } = options;
  const own = options.own === true || options.settings !== undefined;
  const source = await findRedis(readEnvironment(process.env), { own, ...(notify === undefined ? {} : { notify }) });
  if (source.type === "given") return openGivenRedis(source.url);
  return withFreshPorts(() => startOwnRedis(source, options, outlive));
}

async function openGivenRedis(url: string): Promise<RedisServer & Keepable> {
  const { version } = await readRedisInfo(url).catch((cause: unknown) => {
    throw new Error(`OPENVIBE_TEST_REDIS_URL names a server that does not answer: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  });
  const notOurs = async () => {
    throw new Error("OPENVIBE_TEST_REDIS_URL gave this server, so it is not ours to stop: use startRedis({ own: true })");
  };
  return {
    url,
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
