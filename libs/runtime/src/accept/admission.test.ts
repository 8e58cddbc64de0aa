import { OpenVibeError, type OperatorId, silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { createAdmission } from "./admission.ts";

/** A backlog that the test sets. */
function aBacklog(maxBacklog: number) {
  const clock = { ms: 0, now: () => clock.ms };
  const stored = new Map<OperatorId, number>();
  const seen = { counts: 0, tookMs: 0, fails: false, keys: [] as string[] };
  const admission = createAdmission({
    clock,
    maxBacklog,
    logger: silentLogger,
    runs: {
      async countQueued() {
        seen.counts++;
        clock.ms += seen.tookMs;
        if (seen.fails) throw new OpenVibeError("OV_STORE_UNAVAILABLE", "away");
        return new Map(stored);
      },
      hasCause: async ({ idempotencyKey = "" }) => seen.keys.includes(idempotencyKey),
    },
  });
  const admit = (operatorId: string, idempotencyKey?: string) =>
    admission.admit({ operatorId, ...(idempotencyKey && { idempotencyKey }) }).then(
      () => "admitted",
      (error: OpenVibeError) => error.code,
    );
  return { admission, admit, stored, clock, seen };
}

describe("a new run", () => {
  test("is admitted up to the limit, and refused with a time to come back", async () => {
    const { admission, admit, stored } = aBacklog(3);
    stored.set("shop", 2);

    expect(await admit("shop")).toBe("admitted");
    stored.set("shop", 3);

    await expect(admission.admit({ operatorId: "shop" })).rejects.toMatchObject({
      code: "OV_BACKLOG_FULL",
      retryAfterMs: 5_000,
      extra: { max_backlog: 3 },
    });
    expect(await admit("desk")).toBe("admitted");
  });

  test("is counted where it was admitted before the store is counted again", async () => {
    const { admit, stored, seen } = aBacklog(3);
    seen.tookMs = 100;

    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await admit("shop"));

    expect(stored.size).toBe(0);
    expect(answers).toEqual(["admitted", "admitted", "admitted", "OV_BACKLOG_FULL", "OV_BACKLOG_FULL"]);
    expect(seen.counts).toBe(1);
  });

  test("of many at once as many as there is room for", async () => {
    const { admit, seen } = aBacklog(7);
    seen.tookMs = 100;

    const answers = await Promise.all(Array.from({ length: 50 }, () => admit("shop")));

    expect(answers.filter((answer) => answer === "admitted")).toHaveLength(7);
    expect(seen.counts).toBe(1);
  });

  test("is not refused for runs that were claimed meanwhile", async () => {
    const { admit } = aBacklog(2);

    for (let n = 0; n < 20; n++) expect(await admit("shop")).toBe("admitted"); // the store counts none: all were claimed
  });

  test("is admitted while the store cannot count: the insert says what is wrong", async () => {
    const { admit, seen } = aBacklog(1);
    seen.fails = true;

    expect(await admit("shop")).toBe("admitted");
  });

  test("that has its run already is let through, also beyond the limit", async () => {
    const { admit, stored, seen } = aBacklog(1);
    stored.set("shop", 1);
    seen.keys.push("known");

    expect(await admit("shop", "known")).toBe("admitted");
    expect(await admit("shop", "new")).toBe("OV_BACKLOG_FULL");
  });
});

describe("counting", () => {
  test("happens about once a second while somebody asks, beside the requests", async () => {
    const { admit, clock, seen } = aBacklog(1_000);

    for (let n = 0; n < 100; n++) {
      await admit("shop");
      clock.ms += 100;
    }

    expect(seen.counts).toBeGreaterThanOrEqual(9);
    expect(seen.counts).toBeLessThanOrEqual(10);
  });

  test("takes at most a tenth of the time while everybody is refused", async () => {
    const { admit, stored, clock, seen } = aBacklog(1);
    stored.set("shop", 1);
    seen.tookMs = 50;

    for (let n = 0; n < 100; n++) {
      expect(await admit("shop")).toBe("OV_BACKLOG_FULL");
      clock.ms += 10;
    }

    expect(seen.counts * seen.tookMs).toBeLessThanOrEqual((clock.ms + 500) / 10);
    expect(seen.counts).toBeGreaterThan(1);
  });

  test("after a long pause is waited for", async () => {
    const { admit, stored, clock } = aBacklog(1);
    expect(await admit("shop")).toBe("admitted");
    stored.set("shop", 1);
    clock.ms += 60_000;

    expect(await admit("shop")).toBe("OV_BACKLOG_FULL");
  });
});
