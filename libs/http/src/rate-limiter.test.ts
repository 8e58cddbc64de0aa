import { describe, expect, test } from "vitest";
import { toNetwork } from "./rate-limit.ts";
import { RateLimiter } from "./rate-limiter.ts";

test("a caller has its full limit again a minute after its first request, not after its last", () => {
  let now = 0;
  const limiter = new RateLimiter(2, () => now);

  const first = [limiter.take("a"), limiter.take("a"), limiter.take("a")];
  now = 59_999;
  const late = limiter.take("a");
  now = 60_000;
  const anew = limiter.take("a");

  expect(first).toEqual([
    { within: true, remaining: 1, resetMs: 60_000 },
    { within: true, remaining: 0, resetMs: 60_000 },
    { within: false, remaining: 0, resetMs: 60_000 },
  ]);
  expect(late).toEqual({ within: false, remaining: 0, resetMs: 1 });
  expect(anew).toEqual({ within: true, remaining: 1, resetMs: 60_000 });
});

test("callers do not share a limit", () => {
  const limiter = new RateLimiter(1, () => 0);

  expect([limiter.take("a"), limiter.take("b")].map(({ within }) => within)).toEqual([true, true]);
});

test("callers without end do not fill the memory: the oldest are forgotten", () => {
  const limiter = new RateLimiter(1, () => 0);
  limiter.take("first");
  for (let n = 0; n < 100_000; n++) limiter.take(`other ${n}`);

  expect([limiter.take("other 99999").within, limiter.take("first").within]).toEqual([false, true]);
});

describe("an address counts as", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s -> %s", (address, network) => expect(toNetwork(address)).toBe(network));
});
