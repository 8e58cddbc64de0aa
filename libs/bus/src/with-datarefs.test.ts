import { DatabaseSync } from "node:sqlite";
import { type JsonObject, OpenVibeError } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { all, anEvent, freshRunId } from "./contract/support.ts";
import { openMemoryBus } from "./memory/index.ts";
import { withDatarefs } from "./with-datarefs.ts";

const never = new AbortController().signal;
const large = (fill: string): JsonObject => ({ text: fill.repeat(70_000) });

/** A bus, and what its events leave behind, which the test may hold back or refuse. */
function aWorld() {
  const database = new DatabaseSync(":memory:");
  const plain = openMemoryBus({ database });
  const kept = new Map<string, string>();
  const keeper = { delay: Promise.resolve(), fails: 0 };
  const bus = withDatarefs(plain, {
    async put({ operatorId, runId, sequence }, data) {
      await keeper.delay;
      if (keeper.fails-- > 0) throw new OpenVibeError("OV_STORE_UNAVAILABLE", "away");
      kept.set(`${operatorId} ${runId} ${sequence}`, data);
    },
  });
  const stored = async (runId: string) => (await all(bus.log.read(0, { runId }, never))).map(({ event }) => event);
  return { bus, plain, kept, keeper, stored, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

describe("a bus with datarefs", () => {
  test("keeps large data aside, and nothing of what is small", async () => {
    await using world = aWorld();
    const runId = freshRunId();
    const data = large("a");

    await world.bus.log.append(anEvent({ runId, sequence: 0 }));
    expect(await world.bus.log.append(anEvent({ runId, sequence: 1, data }))).toBe("stored");

    expect([...world.kept]).toEqual([[`contract ${runId} 1`, JSON.stringify(data)]]);
    expect(await world.stored(runId)).toMatchObject([
      { sequence: 0, data: { at: 0 } },
      { sequence: 1, data: {}, dataref: `/v1/operators/contract/runs/${runId}/events/1/data` },
    ]);
  });

  test("stores what one caller appends in that order, whatever waits for the keeper", async () => {
    await using world = aWorld();
    const gate = Promise.withResolvers<void>();
    world.keeper.delay = gate.promise;
    const runId = freshRunId();
    const other = freshRunId();

    const appends = Array.from({ length: 30 }, (_, sequence) =>
      world.bus.log.append(anEvent({ runId, sequence, ...(sequence % 7 === 0 && { data: large("a") }) })),
    );
    await world.bus.log.append(anEvent({ runId: other }));
    expect(await world.stored(other)).toHaveLength(1);
    expect(await world.stored(runId)).toEqual([]);
    gate.resolve();
    await Promise.all(appends);
    await world.bus.log.append(anEvent({ runId, sequence: 30 }));

    expect((await world.stored(runId)).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 31 }, (_, sequence) => sequence));
  });

  test("stores nothing behind an event whose data cannot be kept, until it is appended again", async () => {
    await using world = aWorld();
    world.keeper.fails = 1;
    const runId = freshRunId();
    const events = [anEvent({ runId, sequence: 0 }), anEvent({ runId, sequence: 1, data: large("a") }), anEvent({ runId, sequence: 2 })];

    const first = await Promise.allSettled(events.map((event) => world.bus.log.append(event)));
    const again = await Promise.all(events.slice(1).map((event) => world.bus.log.append(event)));

    expect(first.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(again).toEqual(["stored", "stored"]);
    expect((await world.stored(runId)).map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  });
});
