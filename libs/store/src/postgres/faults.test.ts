import { newToken, silentLogger } from "@openvibe/core";
import { describe, expect, inject, test } from "vitest";
import { aClaimedRun, aNewRun, aWrite, claim, ME, OTHER } from "../contract/examples.ts";
import { aNewDelivery, aSubscription } from "../contract/webhook-examples.ts";
import { openPostgresStore, type PostgresStoreOptions } from "./store.ts";

const open = (faults: PostgresStoreOptions["faults"] = {}) =>
  openPostgresStore({ url: inject("postgresUrl"), schema: `test_${newToken()}`, poolSize: 2, faults });

describe("a rule taken out on purpose breaks its promise", () => {
  test("noAttemptCheck lets an owner write whose attempt is over", async () => {
    await using store = await open({ noAttemptCheck: true });
    const old = await aClaimedRun(store);
    await claim(store, old.run.runId);

    expect(await store.runs.write(aWrite(old))).toBe("committed");
    expect(await store.runs.release({ runId: old.run.runId, attempt: old.run.attempt, owner: ME })).toBe(true);
  });

  test("noOwnerCheck robs a live owner", async () => {
    await using store = await open({ noOwnerCheck: true });
    await using _beat = await store.workers.beat({ owner: OTHER, logger: silentLogger });
    const { run } = await aClaimedRun(store, {}, OTHER);

    expect((await claim(store, run.runId, { owner: ME })).run.attempt).toBe(2);
  });

  test("noCauseCheck inserts a run for a cause that has one", async () => {
    await using store = await open({ noCauseCheck: true });
    const origin = "event:desk.t:e1";
    await store.runs.insert(aNewRun({ origin }));

    expect((await store.runs.insert(aNewRun({ origin }))).inserted).toBe(true);
  });

  test("noDeliveries keeps none, and says that it did", async () => {
    await using store = await open({ noDeliveries: true });
    const subscriptionId = await aSubscription(store);

    expect(await store.deliveries.add([aNewDelivery(subscriptionId)])).toBe(1);
    expect(await store.deliveries.findDue()).toEqual([]);
  });

  test("sweepNothing finds nothing", async () => {
    await using store = await open({ sweepNothing: true });
    await store.runs.insert(aNewRun());

    expect(await store.sweep.findStuck({ sweeper: ME, limit: 10, everything: true })).toEqual([]);
    expect(await store.sweep.findUnsent({ olderThanMs: 0, limit: 10 })).toEqual([]);
  });
});
