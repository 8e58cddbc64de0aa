/** What operators share, over real buckets. */

import { DatabaseSync } from "node:sqlite";
import { openMemoryBus } from "@openvibe/bus/memory";
import type { Clock, JsonValue } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { checkKey, createContext, type SharedBucket } from "./context.ts";

function openContext() {
  const database = new DatabaseSync(":memory:");
  const clock: Clock = { now: () => Date.parse("2026-11-22T10:00:00Z") };
  const bus = openMemoryBus({ database, clock });
  return {
    buckets: bus.buckets,
    context: createContext(bus.buckets, clock),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      database.close();
    },
  };
}

const count = (current: number | undefined) => (current ?? 0) + 1;

describe("an entry of shared context", () => {
  test("is read as it was written, with a revision that grows and the time in UTC", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");

    const first = await leads.put("ada.qualification", { score: [1, null] });
    const second = await leads.put("ada.qualification", { score: [2] });

    expect(second).toBeGreaterThan(first);
    expect(await leads.get("ada.qualification")).toEqual({
      key: "ada.qualification",
      value: { score: [2] },
      revision: second,
      updatedAt: "2026-11-22T10:00:00.000Z",
    });
    expect(await leads.get("nobody")).toBeUndefined();
    expect(await opened.context.bucket("context-others").get("ada.qualification")).toBeUndefined();
  });

  test("is gone once deleted, and deleting it twice is fine", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");
    await leads.put("ada", 1);

    await leads.delete("ada");
    await leads.delete("ada");

    expect(await leads.get("ada")).toBeUndefined();
  });

  test("is written over one revision by one writer only; the other learns the current one", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");
    const revision = await leads.putIf("ada", "first", 0);

    const current = await leads.putIf("ada", "second", revision);

    await expect(leads.putIf("ada", "third", revision)).rejects.toMatchObject({
      code: "OV_REVISION_CONFLICT",
      message: `context-leads/ada has revision ${current}, not ${revision}`,
      extra: { revision: current },
    });
    await expect(leads.putIf("ada", "new", 0)).rejects.toMatchObject({ code: "OV_REVISION_CONFLICT" });
    await expect(leads.putIf("bob", "new", 7)).rejects.toMatchObject({ code: "OV_REVISION_CONFLICT", extra: { revision: 0 } });
    expect((await leads.get("ada"))?.value).toBe("second");
  });
});

describe("update", () => {
  test("loses no change, however many change the same key at a time", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");

    const results = await Promise.all(Array.from({ length: 20 }, () => leads.update<number>("count", count)));

    expect((await leads.get("count"))?.value).toBe(20);
    expect(results.map(({ value }) => value).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(new Set(results.map(({ revision }) => revision)).size).toBe(20);
  });

  test("asks its function again with the newer value when somebody was faster", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");
    await leads.put("ada", "old");
    const seen: (JsonValue | undefined)[] = [];

    const { value } = await leads.update("ada", async (current) => {
      seen.push(current);
      if (seen.length === 1) await leads.put("ada", "newer");
      return `${String(current)}!`;
    });

    expect(seen).toEqual(["old", "newer"]);
    expect(value).toBe("newer!");
  });

  test("begins with nothing where there is no entry, also after a deletion", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");

    await leads.update<number>("count", count);
    await leads.delete("count");
    const { value } = await leads.update<number>("count", count);

    expect(value).toBe(1);
  });

  test("changes nothing when its function throws", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");
    const bang = new Error("bang");

    await expect(leads.update("ada", () => Promise.reject(bang))).rejects.toBe(bang);

    expect(await leads.get("ada")).toBeUndefined();
  });
});

describe("watch", () => {
  test("tells changes from now on, in order, until its signal aborts", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");
    await leads.put("before", 1);
    const stopping = new AbortController();
    const changes = leads.watch(stopping.signal);

    await leads.put("ada", 1);
    await leads.delete("ada");
    const seen: string[] = [];
    for await (const change of changes) {
      seen.push(change.kind === "put" ? `put ${change.entry.key} ${change.entry.value}` : `delete ${change.key}`);
      if (seen.length === 2) stopping.abort();
    }

    expect(seen).toEqual(["put ada 1", "delete ada"]);
  });
});

test("every change of a run's says which run it was", async () => {
  await using opened = openContext();
  const bucket = opened.context.bucket("context-leads", "run_1");
  const changes = opened.buckets.bucket("context-leads").watch(new AbortController().signal);

  const revision = await bucket.put("ada", 1);
  await bucket.putIf("ada", 2, revision);
  await bucket.update("ada", () => 3);
  await bucket.delete("ada");
  await bucket.put("ada", 4);
  await bucket.deleteIf("ada");

  const writers: unknown[] = [];
  for await (const { writtenBy } of changes) if (writers.push(writtenBy) === 6) break;
  expect(writers).toEqual(Array(6).fill("run_1"));
});

describe("a bucket", () => {
  test("lists its keys by prefix, sorted, and deletes the revision that is meant", async () => {
    await using opened = openContext();
    const leads = opened.context.bucket("context-leads");
    const revision = await leads.put("zeta", 1);
    await leads.put("acme", "text");

    expect(await leads.list("")).toMatchObject([
      { key: "acme", bytes: 6 },
      { key: "zeta", revision, bytes: 1 },
    ]);
    expect(await leads.list("ze")).toHaveLength(1);
    expect(await leads.deleteIf("zeta", revision + 9)).toBe(false);
    expect(await leads.deleteIf("zeta", revision)).toBe(true);
    expect(await leads.deleteIf("acme")).toBe(true);
    expect(await leads.list("")).toEqual([]);
  });
});

describe("names", () => {
  test.each(["leads", "context-", "context-Leads", "context-a.b", `context-${"a".repeat(56)}`, "registry", ""])(
    "the bucket %j is refused",
    async (name) => {
      await using opened = openContext();

      expect(() => opened.context.bucket(name)).toThrow(expect.objectContaining({ code: "OV_ID_INVALID" }));
    },
  );

  test.each(["a", "A-1_=", "a.b.c", "x".repeat(256)])("the key %j is allowed", (key) => {
    expect(checkKey("context-leads", key)).toBe(key);
  });

  const calls: [name: string, call: (bucket: SharedBucket, key: string) => Promise<unknown>][] = [
    ["get", (bucket, key) => bucket.get(key)],
    ["put", (bucket, key) => bucket.put(key, 1)],
    ["putIf", (bucket, key) => bucket.putIf(key, 1, 0)],
    ["update", (bucket, key) => bucket.update(key, () => 1)],
    ["delete", (bucket, key) => bucket.delete(key)],
    ["deleteIf", (bucket, key) => bucket.deleteIf(key, 1)],
  ];
  test.each(calls)("%s refuses a key that no bus would take, and says which", async (_, call) => {
    await using opened = openContext();
    const bucket = opened.context.bucket("context-leads");

    for (const key of ["", ".a", "a.", "a..b", "a b", "ä", "a*", "a>b", "x".repeat(257)])
      await expect(call(bucket, key)).rejects.toMatchObject({ code: "OV_ID_INVALID", message: expect.stringContaining("context-leads") });
  });
});
