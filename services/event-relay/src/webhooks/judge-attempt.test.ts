import { describe, expect, test } from "vitest";
import { judgeAttempt, MAX_RETRY_AFTER_MS, PAUSES_MS } from "./judge-attempt.ts";
import { parseRetryAfter } from "./retry-after.ts";

const NOW = Date.parse("2026-11-22T10:30:00Z");
const judge = (status: number, { tries = 1, retryAfter, random = 0 }: { tries?: number; retryAfter?: string; random?: number } = {}) =>
  judgeAttempt({ status, retryAfter, body: "" }, tries, { now: NOW, random });

describe("an attempt", () => {
  test.each([200, 201, 202, 204, 299])("with %d is a delivery", (status) => {
    expect(judge(status, { tries: 10 })).toEqual({ end: { did: "delivered" }, error: null, detail: null });
  });

  test.each([
    [301, "redirect_not_followed"],
    [302, "redirect_not_followed"],
    [307, "redirect_not_followed"],
    [304, "redirect_not_followed"],
    [400, "http_400"],
    [404, "http_404"],
    [429, "http_429"],
    [500, "http_500"],
    [503, "http_503"],
    [199, "http_199"],
  ])("with %d is made again, as %s", (status, error) => {
    expect(judge(status)).toMatchObject({ end: { did: "again", afterMs: 5_000 }, error });
  });

  test.each(["blocked_address", "dns_failed", "tls_failed", "timeout", "connection_failed"] as const)(
    "51: that came to %s is made again, and says so",
    (failure) => {
      expect(judgeAttempt({ failure, detail: "why" }, 2, { now: NOW, random: 0 })).toEqual({
        ...{ end: { did: "again", afterMs: 300_000 }, error: failure, detail: "why" },
      });
    },
  );

  test("is made ten times over three days, then the delivery is a dead letter", () => {
    const ends = Array.from({ length: 10 }, (_, index) => judge(500, { tries: index + 1 }).end);

    expect(ends.slice(0, 9)).toEqual(PAUSES_MS.map((afterMs) => ({ did: "again", afterMs })));
    expect(ends[9]).toEqual({ did: "dead_lettered" });
    expect(PAUSES_MS.reduce((sum, ms) => sum + ms) / 86_400_000).toBeGreaterThan(3);
  });

  test("is made again up to a fifth later, by chance", () => {
    expect(judge(500, { tries: 3, random: 1 }).end).toEqual({ did: "again", afterMs: 2_160_000 });
  });

  test("53: with 410 says that the receiver wants nothing more", () => {
    expect(judge(410)).toMatchObject({ gone: true, error: "http_410", end: { did: "again", afterMs: 0 } });
  });

  test.each([
    ["86400", MAX_RETRY_AFTER_MS, "obeyed up to a cap"],
    ["3600", 3_600_000, "obeyed"],
    ["Sun, 22 Nov 2026 11:30:00 GMT", 3_600_000, "obeyed as a date"],
    ["1", 5_000, "no sooner than it would be without"],
    ["-5", 5_000, "ignored"],
    ["soon", 5_000, "ignored"],
    ["", 5_000, "ignored"],
    ["Sun, 22 Nov 2020 11:30:00 GMT", 5_000, "ignored when it is over"],
  ])("54: with 429 and Retry-After: %s is made after %d ms (%s)", (retryAfter, afterMs) => {
    expect(judge(429, { retryAfter }).end).toEqual({ did: "again", afterMs });
    expect(judge(503, { retryAfter }).end).toEqual({ did: "again", afterMs });
  });

  test("54: what a receiver asks for does not give it more attempts", () => {
    expect(judge(429, { tries: 10, retryAfter: "60" }).end).toEqual({ did: "dead_lettered" });
  });
});

test.each([undefined, "1e3", "0x10", "5 seconds", "99999999999", "2026-11-22T11:30:00Z"])("Retry-After: %s is none", (text) => {
  expect(parseRetryAfter(text, NOW)).toBeUndefined();
});
