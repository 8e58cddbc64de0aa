import type { CheckpointSaverTestInitializer } from "@langchain/langgraph-checkpoint-validation";
import { newToken } from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { openPostgresStore } from "@openvibe/store/postgres";
import { openSqliteStore } from "@openvibe/store/sqlite";
import * as vitest from "vitest";
import { anOwner } from "./owner-for-tests.ts";
import { StoreSaver } from "./store-saver.ts";

const { describe, expect, inject, test } = vitest;

// The official cases are written for a vitest that puts its functions everywhere.
Object.assign(globalThis, vitest);
const { deltaChannelHistoryTests, validate } = await import("@langchain/langgraph-checkpoint-validation");

const STORES = {
  sqlite: async () => openSqliteStore({ path: ":memory:" }),
  postgres: () => openPostgresStore({ url: inject("postgresUrl"), schema: `test_${newToken()}`, poolSize: 5 }),
} as const satisfies Record<string, () => Promise<Store>>;

for (const [name, open] of Object.entries(STORES)) {
  let store: Store;
  const savers: CheckpointSaverTestInitializer<StoreSaver> = {
    checkpointerName: `StoreSaver on ${name}`,
    beforeAll: async () => {
      store = await open();
    },
    afterAll: async () => await store[Symbol.asyncDispose](),
    // A run's checkpoints are its own: each saver begins with none.
    createCheckpointer: async () => new StoreSaver(store.checkpoints, await anOwner(store)),
  };
  validate(savers);
  deltaChannelHistoryTests(savers);
}

const CONFIG = { configurable: { thread_id: "t", checkpoint_ns: "" } };
const METADATA = { source: "loop" as const, step: 0, parents: {} };
const aCheckpoint = (id: string, channel_values = {}, channel_versions = {}) => ({
  v: 4,
  id,
  ts: "2026-11-28T08:00:00.000Z",
  channel_values,
  channel_versions,
  versions_seen: {},
});

describe("what the official cases do not ask", () => {
  test("a saver of an attempt that has lost its run keeps nothing and says so", async () => {
    await using store = openSqliteStore({ path: ":memory:" });
    const owner = await anOwner(store);
    const stale = new StoreSaver(store.checkpoints, { ...owner, attempt: owner.attempt - 1 });
    const saver = new StoreSaver(store.checkpoints, owner);
    const put = await saver.put(CONFIG, aCheckpoint("1"), METADATA, {});

    await expect(stale.put(CONFIG, aCheckpoint("2"), METADATA, {})).rejects.toMatchObject({ code: "OV_RUN_LOST" });
    await expect(stale.putWrites(put, [["channel", 1]], "task")).rejects.toMatchObject({ code: "OV_RUN_LOST" });

    expect(await saver.getTuple(CONFIG)).toMatchObject({ checkpoint: { id: "1" }, pendingWrites: [] });
  });

  test("two branches of one history have the same channel in the same version, each with its own value", async () => {
    await using store = openSqliteStore({ path: ":memory:" });
    const saver = new StoreSaver(store.checkpoints, await anOwner(store));
    const root = await saver.put(CONFIG, aCheckpoint("1", { a: "root", kept: 1 }, { a: 1, kept: 1 }), METADATA, { a: 1, kept: 1 });
    const left = await saver.put(root, aCheckpoint("2", { a: "left" }, { a: 2, kept: 1 }), METADATA, { a: 2 });
    const right = await saver.put(root, aCheckpoint("3", { a: "right" }, { a: 2, kept: 1 }), METADATA, { a: 2 });

    expect((await saver.getTuple(left))?.checkpoint.channel_values).toEqual({ a: "left", kept: 1 });
    expect((await saver.getTuple(right))?.checkpoint.channel_values).toEqual({ a: "right", kept: 1 });
  });

  test("a channel that was emptied stays empty", async () => {
    await using store = openSqliteStore({ path: ":memory:" });
    const saver = new StoreSaver(store.checkpoints, await anOwner(store));
    const full = await saver.put(CONFIG, aCheckpoint("1", { a: "full", b: 1 }, { a: 1, b: 1 }), METADATA, { a: 1, b: 1 });

    await saver.put(full, aCheckpoint("2", { b: 1 }, { a: 2, b: 1 }), METADATA, { a: 2 });

    expect((await saver.getTuple(CONFIG))?.checkpoint.channel_values).toEqual({ b: 1 });
  });

  test("what cannot be kept is refused with its path, and what is too large with its size", async () => {
    await using store = openSqliteStore({ path: ":memory:" });
    const saver = new StoreSaver(store.checkpoints, await anOwner(store));
    const put = (a: unknown) => saver.put(CONFIG, aCheckpoint("1", { a }, { a: 1 }), METADATA, { a: 1 });

    await expect(put({ list: [{ run: () => 1 }] })).rejects.toMatchObject({
      code: "OV_PATCH_INVALID",
      message: expect.stringContaining("a.list[0].run: a function cannot be kept"),
    });
    await expect(put("x".repeat(9_000_000))).rejects.toMatchObject({ code: "OV_STATE_TOO_LARGE" });

    expect(await saver.getTuple(CONFIG)).toBeUndefined();
  });

  test("more writes of a task than a statement takes", async () => {
    await using store = openSqliteStore({ path: ":memory:" });
    const saver = new StoreSaver(store.checkpoints, await anOwner(store));
    const put = await saver.put(CONFIG, aCheckpoint("1"), METADATA, {});

    await saver.putWrites(
      put,
      Array.from({ length: 250 }, (_, n) => ["list", n]),
      "task",
    );

    expect((await saver.getTuple(put))?.pendingWrites?.map(([, , value]) => value)).toEqual(Array.from({ length: 250 }, (_, n) => n));
  });
});
