import { silentLogger } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { aClaimedRun, claim, ME, OTHER } from "./examples.ts";
import type { StoreContract } from "./under-test.ts";

export function workersContract({ name, features, open, openSecond }: StoreContract): void {
  describe(`${name} knows who lives`, () => {
    test("an owner whose beat was ended is gone, and its runs are free", async () => {
      await using under = await open();
      await under.live(ME);
      const beat = await under.store.workers.beat({ owner: OTHER, logger: silentLogger });
      const { run } = await aClaimedRun(under.store, {}, OTHER);
      const refused = await under.store.runs.claim({ runId: run.runId, wake: 0, owner: ME });

      await beat[Symbol.asyncDispose]();
      await beat[Symbol.asyncDispose]();

      expect(refused).toMatchObject({ claimed: undefined, row: { ownerSilent: false } });
      expect(await claim(under.store, run.runId)).toMatchObject({ silentClaims: 1 });
    });

    test("an owner that fell silent is told to those who meet it", async () => {
      await using under = await open();
      await under.live(ME);
      await under.die(OTHER);
      const { run } = await aClaimedRun(under.store, {}, OTHER);
      await under.advance(10);

      expect(await under.store.runs.claim({ runId: run.runId, wake: 7, owner: ME })).toMatchObject({
        row: { owner: OTHER, ownerSilent: true },
      });
    });

    test("disposing the store before its beat harms nobody", async () => {
      const under = await open();
      const beat = await under.store.workers.beat({ owner: OTHER, logger: silentLogger });

      await under[Symbol.asyncDispose]();

      await expect(beat[Symbol.asyncDispose]()).resolves.toBeUndefined();
    });
  });

  if (openSecond !== undefined && features.durable && !features.shared)
    describe(`${name} is opened again`, () => {
      test("with everything it held, and every owner of before is dead", async () => {
        const before = await open();
        await before.live(OTHER);
        const { run } = await aClaimedRun(before.store, {}, OTHER);
        await before[Symbol.asyncDispose]();

        await using after = await openSecond(before);

        expect(await after.store.runs.find(run.runId)).toEqual(run);
        expect(await after.store.sweep.findStuck({ sweeper: ME, limit: 10, everything: true })).toMatchObject([
          { runId: run.runId, wake: 0 },
        ]);
        expect(await claim(after.store, run.runId)).toMatchObject({ run: { attempt: 2 }, silentClaims: 1 });
      });
    });

  if (openSecond !== undefined && features.shared)
    describe(`${name} is shared`, () => {
      test("each process sees the other's runs, owners and settings; of their claims one wins", async () => {
        await using one = await open();
        await using two = await openSecond(one);
        await one.live(ME);
        await two.live(OTHER);
        const runIds = await Promise.all(Array.from({ length: 50 }, async () => (await aReleasedRun(one.store)).runId));

        const won = await Promise.all(
          runIds.map(async (runId) => {
            const claims = await Promise.all([
              one.store.runs.claim({ runId, wake: 0, owner: ME }),
              two.store.runs.claim({ runId, wake: 0, owner: OTHER }),
            ]);
            return claims.filter(({ claimed }) => claimed !== undefined).length;
          }),
        );

        expect(won).toEqual(runIds.map(() => 1));
        await one.store.settings.replace("epoch", undefined, "1");
        expect(await two.store.settings.get("epoch")).toBe("1");
      });
    });
}

async function aReleasedRun(store: Parameters<typeof claim>[0]) {
  const { run } = await aClaimedRun(store, {}, "retired");
  await store.runs.release({ runId: run.runId, attempt: run.attempt, owner: "retired" });
  return run;
}
