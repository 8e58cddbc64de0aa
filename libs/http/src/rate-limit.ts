import { OpenVibeError } from "@openvibe/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ANYONE } from "./auth.ts";
import { type Quota, RateLimiter } from "./rate-limiter.ts";

const POLICY = "default";

/** Counts a request, or refuses it. */
export interface RateLimit {
  /** For a caller with a key: by its name; for others by address. @throws OpenVibeError OV_RATE_LIMITED */
  take(request: FastifyRequest, reply: FastifyReply): void;
}

export const UNLIMITED: RateLimit = { take: () => {} };

/** Tells the limit in the fields of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ on every answer it counts. */
export function createRateLimit(perMinute: number, now?: () => number): RateLimit {
  const limiter = new RateLimiter(perMinute, now);
  return {
    take(request, reply) {
      if (request.routeOptions.config?.unlimited === true) return;
      const quota = limiter.take(callerOf(request));
      reply.header("ratelimit-policy", `"${POLICY}";q=${perMinute};w=60`).header("ratelimit", toField(quota));
      if (quota.within) return;
      throw new OpenVibeError("OV_RATE_LIMITED", `more than ${perMinute} requests in a minute; wait for Retry-After seconds`, {
        retryAfterMs: quota.resetMs,
        extra: { "violated-policies": [POLICY] },
      });
    },
  };
}

function toField({ remaining, resetMs }: Quota): string {
  return `"${POLICY}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`;
}

/** `principal` is empty where no valid key was given. */
function callerOf({ principal, ip }: FastifyRequest): string {
  return principal === "" || principal === ANYONE ? `address ${toNetwork(ip)}` : principal;
}

/** Of an IPv6 address the first 64 bits, which are one household or one machine; it has the rest to itself. */
export function toNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const groups = tail === undefined ? [...head] : [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
