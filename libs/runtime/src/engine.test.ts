/** What a worker does with deliveries (DESIGN §6 rule 3), its slots, and how it says that it is there. */
import { NO_METRICS, type OperatorDefinition, silentLogger, toIso } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { noting } from "./faults-for-tests.ts";
import { REGISTRY_BUCKET } from "./registry.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default("") });
const plain = operator("shop", { name: "Shop", workflows: [workflow("w", { state: State }).node("n", () => ({ note: "x" }))] });

const deadLetters = ({ store }: World) =>
  store.database
    .prepare("SELECT reason, body FROM bus_dead_letters ORDER BY position")
    .all()
    .map(({ reason, body }) => ({ reason, ...(JSON.parse(String(body)) as object) }));

async function started(definition: OperatorDefinition = plain) {
  const settled: string[] = [];
  const world = openWorld();
  const engine = await world.start([definition], { bus: noting(world.bus, (line) => void settled.push(line)) });
  return { world, settled, ...engine };
}

/** Claims a run for somebody else and leaves it as that one would. */
async function leftBy(world: World, owner: string, status: "waiting" | "completed"): Promise<string> {
  const runId = await world.accept(plain, "w");
  const { claimed } = await world.store.runs.claim({ runId, wake: 0, owner });
  if (claimed === undefined) throw new Error("not claimed");
  const events = [...claimed.outbox.events, { type: `run.${status}`, time: toIso(Date.now()), data: { status } }];
  const write = { runId, attempt: 1, step: 1, status, state: {}, position: null, metrics: NO_METRICS, outbox: { from: 0, events } };
  await world.store.runs.write(write);
  return runId;
}

describe("a delivery", () => {
  test("of an unknown run is first put back for a minute, then becomes a dead letter", async () => {
    const { world, settled } = await started();
    await using _world = world;

    await world.bus.queue.publish({ operatorId: "shop", runId: "run_nobody", kind: "start", wake: 0 });
    await until(() => expect(settled).toEqual(["start 0 back after 60000"]));
    expect(deadLetters(world)).toEqual([]);
    await world.bus.queue.publish({ operatorId: "shop", runId: "run_nobody", kind: "resume", wake: 1 });
    await until(() => expect(settled).toEqual(["start 0 back after 60000", "resume 1 done"]));

    expect(deadLetters(world)).toEqual([{ reason: "unknown_run", operator_id: "shop", run_id: "run_nobody", kind: "resume", wake: 1 }]);
  });

  test("with a number above the run's becomes a dead letter, and the run stays as it is", async () => {
    const world = openWorld();
    await using _world = world;
    const settled: string[] = [];
    const runId = await leftBy(world, "ghost", "waiting");
    await world.start([plain], { bus: noting(world.bus, (line) => void settled.push(line)) });
    await until(() => expect(settled).toEqual(["start 0 done"]));

    await world.bus.queue.publish({ operatorId: "shop", runId, kind: "resume", wake: 7 });
    await until(() => expect(settled).toEqual(["start 0 done", "resume 7 done"]));

    expect(deadLetters(world)).toMatchObject([{ reason: "unknown_wake", run_id: runId, wake: 7 }]);
    expect(await world.find(runId)).toMatchObject({ status: "waiting", wake: 0, attempt: 1 });
  });

  test("with a number below the run's is dropped; the newer one is answered", async () => {
    const world = openWorld();
    await using _world = world;
    const settled: string[] = [];
    const runId = await leftBy(world, "ghost", "waiting");
    const event = { type: "run.resumed", time: toIso(Date.now()), data: {} };
    await world.store.runs.wake({ runId, seen: 0, kind: "resume", body: null, wakeId: "mine", event });

    await world.start([plain], { bus: noting(world.bus, (line) => void settled.push(line)) });
    await until(() => expect(settled).toEqual(["start 0 done"]));
    expect(await world.find(runId)).toMatchObject({ status: "queued", attempt: 1 });
    await world.bus.queue.publish({ operatorId: "shop", runId, kind: "resume", wake: 1 });

    expect(await world.ended(runId)).toMatchObject({ status: "completed", attempt: 2 });
    expect(deadLetters(world)).toEqual([]);
  });

  test("of a run that another living worker owns is put back for a second", async () => {
    const world = openWorld();
    await using _world = world;
    await using _beat = await world.store.workers.beat({ owner: "other", logger: silentLogger });
    const settled: string[] = [];
    const runId = await world.accept(plain, "w");
    await world.store.runs.claim({ runId, wake: 0, owner: "other" });

    await world.start([plain], { bus: noting(world.bus, (line) => void settled.push(line)) });
    await until(() => expect(settled).toEqual(["start 0 back after 1000"]));

    expect(await world.find(runId)).toMatchObject({ status: "running", attempt: 1 });
    expect(world.row(runId).owner).toBe("other");
  });

  test.each(["completed", "waiting"] as const)("of a run that is %s publishes what is unsent, in order, and ends", async (status) => {
    const world = openWorld();
    await using _world = world;
    const settled: string[] = [];
    const runId = await leftBy(world, "ghost", status);

    await world.start([plain], { bus: noting(world.bus, (line) => void settled.push(line)) });
    await until(() => expect(settled).toEqual(["start 0 done"]));

    expect((await world.events(runId)).map(({ id, type }) => `${id} ${type}`)).toEqual([
      `${runId}:0 run.queued`,
      `${runId}:1 run.${status}`,
    ]);
    expect((await world.store.runs.findOutbox(runId))?.outbox.events).toEqual([]);
    expect(await world.find(runId)).toMatchObject({ status, attempt: 1 });
  });

  test("of a run that this worker runs is one more handle of it: held until the end, and nothing runs twice", async () => {
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const calls: number[] = [];
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State }).node("n", async (_, ctx) => {
          calls.push(ctx.attempt);
          inside.resolve();
          await leave.promise;
        }),
      ],
    });
    const { world, settled } = await started(definition);
    await using _world = world;
    const runId = await world.accept(definition, "w");
    await inside.promise;

    await world.bus.queue.publish({ operatorId: "shop", runId, kind: "retry", wake: 0 });
    const other = await world.accept(definition, "w");
    await until(async () => expect((await world.find(other)).status).toBe("running"));
    expect(settled).toEqual([]);
    leave.resolve();
    await until(() => expect(settled.toSorted()).toEqual(["retry 0 done", "start 0 done", "start 0 done"]));

    expect(calls).toEqual([1, 1]);
    expect(await world.find(runId)).toMatchObject({ status: "completed", attempt: 1 });
  });

  test("of a workflow that this worker has not is done, and the run parked for others", async () => {
    const { world, settled } = await started(
      operator("shop", { name: "Shop", workflows: [workflow("other", { state: State }).node("n", () => ({}))] }),
    );
    await using _world = world;

    const runId = await world.accept(plain, "w");
    await until(() => expect(settled).toEqual(["start 0 done"]));

    expect(world.row(runId).owner).toBeNull();
    expect((await world.find(runId)).parked?.reason).toBe("there is no workflow w");
  });
});

describe("slots", () => {
  test("bound the runs of one operator at a time, not those of another", async () => {
    const inside: Record<string, number> = {};
    const most: Record<string, number> = {};
    const together = Promise.withResolvers<void>();
    const slow = (id: string) =>
      operator(id, {
        name: id,
        workflows: [
          workflow("w", { state: State }).node("n", async () => {
            inside[id] = (inside[id] ?? 0) + 1;
            most[id] = Math.max(most[id] ?? 0, inside[id]);
            if ((inside.a ?? 0) + (inside.b ?? 0) === 4) together.resolve();
            await together.promise;
            await new Promise((resolve) => setTimeout(resolve, 5));
            inside[id]--;
          }),
        ],
      });
    const operators = [slow("a"), slow("b")];
    await using world = openWorld();
    await world.start(operators, { slotsPerOperator: 2 });

    const runs = await Promise.all(operators.flatMap((one) => Array.from({ length: 5 }, () => world.accept(one, "w"))));
    for (const runId of runs) expect((await world.ended(runId)).status).toBe("completed");

    expect(most).toEqual({ a: 2, b: 2 });
  });
});

describe("a worker that serves", () => {
  test("leaves its operators' manifests in the store, and says in the registry that it is there, until it stops", async () => {
    const definition = operator("shop", {
      name: "Shop",
      workflows: [workflow("w", { state: State }).node("n", () => ({}))],
      answers: { ask: { workflow: "w", input: () => ({}), reply: () => null } },
    });
    await using world = openWorld();
    const registry = world.bus.buckets.bucket(REGISTRY_BUCKET);

    const { engine, stop } = await world.start([definition]);
    const key = `shop.${engine.owner}`;
    await until(async () => expect(await registry.keys()).toEqual([key]));

    expect((await registry.get(key))?.value).toMatchObject({ server: engine.owner, version: definition.version, capabilities: ["ask"] });
    expect((await world.store.manifests.find("shop"))?.manifest).toEqual(definition.manifest);
    await stop();
    expect(await registry.keys()).toEqual([]);
  });
});
