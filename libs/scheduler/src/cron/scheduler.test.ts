import { newToken, silentLogger } from "@openvibe/core";
import { openPostgresStore } from "@openvibe/store/postgres";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { expect, inject, test } from "vitest";
import { anOperator, MINUTE, NOON, register, schedulerContract, slotsOf, startIn } from "../contract.ts";
import { createCronScheduler } from "./scheduler.ts";

schedulerContract({
  name: "cron",
  fires: true,
  openStore: async () => openSqliteStore({ path: ":memory:" }),
  open: createCronScheduler,
});

test("three that look at one Postgres start exactly one run for each of 200 slots, and one that comes later starts none again", async () => {
  const url = inject("postgresUrl");
  const schema = `test_${newToken()}`;
  await using stores = new AsyncDisposableStack();
  let now = NOON;
  const clock = { now: () => now };
  const openReplica = async () => {
    const store = stores.use(await openPostgresStore({ url, schema, poolSize: 3 }));
    return { store, scheduler: createCronScheduler({ store, start: startIn(store, clock), clock, logger: silentLogger }) };
  };
  const replicas = [await openReplica(), await openReplica(), await openReplica()];
  const [{ store }] = replicas as [(typeof replicas)[0]];
  await register(store, anOperator("sales", { often: "cron:* * * * *" }));
  const lookAll = () => Promise.all(replicas.map(({ scheduler }) => scheduler.look()));

  await lookAll();
  for (let slot = 1; slot <= 200; slot++) {
    now = NOON + slot * MINUTE;
    await lookAll();
  }
  const late = await openReplica();
  await late.scheduler.look();

  const slots = await slotsOf(store);
  expect(slots).toHaveLength(200);
  expect(new Set(slots).size).toBe(200);
});
