import { type Logger, OpenVibeError } from "@openvibe/core";

export interface RedisBusOptions {
  /** `redis://host:port`, or `rediss://` for TLS; a user and a password may stand before the host, a database's number behind it. */
  readonly url: string;
  /** How this connection is called in the server's `CLIENT LIST`, such as `openvibe-worker`. */
  readonly name: string;
  /** Every key and channel begins with it; `openvibe` by default. */
  readonly namespace?: string;
  readonly logger?: Logger;
  /** Without an extension a wake-up is delivered again after this; 5,000 by default. The same for all who take of one operator. */
  readonly holdMs?: number;
  /** How long the first connection is tried for; 10,000 by default. Later ones are tried for ever. */
  readonly connectTimeoutMs?: number;
  /** How long publishing and reading wait out a failover or a lost connection before OV_BUS_UNAVAILABLE; 10,000 by default. */
  readonly patienceMs?: number;
  /** Events kept, about; then the oldest go before their 7 days. 1,000,000 by default. */
  readonly maxEvents?: number;
}

export interface RedisAddress {
  /** Without the login: for messages. */
  readonly host: string;
  readonly url: string;
}

/** @throws OpenVibeError OV_CONFIG_INVALID */
export function parseRedisUrl(url: string): RedisAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const fits = parsed !== undefined && /^rediss?:$/.test(parsed.protocol) && parsed.hostname !== "" && /^\/?\d{0,3}$/.test(parsed.pathname);
  if (!fits) throw new OpenVibeError("OV_CONFIG_INVALID", "REDIS_URL is no address of a Redis server; allowed is redis://host:6379");
  return { url, host: `${parsed.hostname}:${parsed.port === "" ? "6379" : parsed.port}` };
}
