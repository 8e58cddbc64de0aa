/** How a worker follows what the store says was posted, without a restart. */
import { OpenVibeError, type OperatorDefinition } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { PostedOptions } from "./posted-operators.ts";
import { findHandlers, REGISTRY_BUCKET } from "./registry.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default("") });

function desk(note: string, id = "desk"): OperatorDefinition {
  return operator(id, { name: note, workflows: [workflow("w", { state: State }).node("n", () => ({ note }))] });
}

/** What the store keeps is a note here: what it is in truth is the authors' library's. */
const posted: PostedOptions = {
  everyMs: 5,
  compile: ({ source, operatorId, version }) => {
    if (source === "odd") throw new OpenVibeError("OV_DEFINITION_INVALID", "no handler");
    return { ...desk(source, operatorId), version };
  },
};

async function post(world: World, note: string, id = "desk"): Promise<OperatorDefinition> {
  const definition = desk(note, id);
  await world.store.manifests.register(definition.manifest, definition.version, note);
  return definition;
}

const served = async (world: World) => (await world.bus.buckets.bucket(REGISTRY_BUCKET).keys()).toSorted();

describe("a worker that follows what is posted", () => {
  test("serves an operator that comes, another version of it, and drops it when it goes", async () => {
    await using world = openWorld();
    const { engine } = await world.start([], { posted });
    expect(await served(world)).toEqual([]);

    const first = await post(world, "one");
    expect((await world.ended(await world.accept(first, "w"))).output).toEqual({ note: "one" });
    await until(async () => expect(await served(world)).toEqual([`desk.${engine.owner}`]));

    const second = await post(world, "two");
    await until(async () =>
      expect((await world.bus.buckets.bucket(REGISTRY_BUCKET).get(`desk.${engine.owner}`))?.value).toMatchObject({
        version: second.version,
      }),
    );
    expect((await world.ended(await world.accept(second, "w"))).output).toEqual({ note: "two" });

    expect(await world.store.manifests.remove("desk")).toEqual({ removed: true });
    await until(async () => expect(await served(world)).toEqual([]));
    const left = await world.accept(second, "w");
    await post(world, "three", "other");
    await until(async () => expect(await served(world)).toEqual([`other.${engine.owner}`]));
    expect(await world.find(left)).toMatchObject({ status: "queued" });

    await post(world, "two");
    expect((await world.ended(left)).output).toEqual({ note: "two" });
  });

  test("finishes a run with the version that it was claimed with", async () => {
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    await using world = openWorld();
    const slow: PostedOptions = {
      ...posted,
      compile: ({ source, operatorId, version }) => {
        const run = async () => {
          inside.resolve();
          await leave.promise;
          return { note: source };
        };
        return { ...operator(operatorId, { name: source, workflows: [workflow("w", { state: State }).node("n", run)] }), version };
      },
    };
    const { engine } = await world.start([], { posted: slow });
    const runId = await world.accept(await post(world, "one"), "w");
    await inside.promise;

    const second = await post(world, "two");
    await until(async () =>
      expect((await world.bus.buckets.bucket(REGISTRY_BUCKET).get(`desk.${engine.owner}`))?.value).toMatchObject({
        version: second.version,
      }),
    );
    leave.resolve();

    expect((await world.ended(runId)).output).toEqual({ note: "one" });
  });

  test("leaves alone what its own code defines, and serves the others when one cannot be compiled", async () => {
    await using world = openWorld();
    const ours = desk("code");
    const { engine } = await world.start([ours], { posted });

    await post(world, "posted");
    await post(world, "odd", "broken");
    const fine = await post(world, "fine", "fine");

    expect((await world.ended(await world.accept(fine, "w"))).output).toEqual({ note: "fine" });
    expect((await world.ended(await world.accept(ours, "w"))).output).toEqual({ note: "code" });
    expect(await served(world)).toEqual([`desk.${engine.owner}`, `fine.${engine.owner}`]);
  });

  test("cancels a run of a posted operator, and gives it back at a stop", async () => {
    await using world = openWorld();
    const held: PostedOptions = {
      ...posted,
      compile: ({ operatorId, version }) => ({
        ...operator(operatorId, {
          name: "Held",
          workflows: [
            workflow("w", { state: State }).node("n", async (_, ctx) => {
              await new Promise((_resolve, reject) =>
                ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason), { once: true }),
              );
            }),
          ],
        }),
        version,
      }),
    };
    const { stop } = await world.start([], { posted: held, drainTimeoutMs: 0 });
    const definition = await post(world, "held");
    const [first, second] = [await world.accept(definition, "w"), await world.accept(definition, "w")];
    for (const runId of [first, second]) await until(async () => expect((await world.find(runId)).status).toBe("running"));

    await world.store.runs.cancel({
      operatorId: "desk",
      runId: first,
      event: { type: "run.cancelled", time: "2026-11-28T00:00:00.000Z", data: {} },
    });
    world.bus.signals.control({ operatorId: "desk", verb: "cancel", runId: first, body: {} });
    expect(await world.ended(first)).toMatchObject({ status: "cancelled" });
    await stop();

    expect(world.row(second).owner).toBeNull();
    expect(await served(world)).toEqual([]);
  });

  test("tells which handlers it has, until it stops", async () => {
    await using world = openWorld();
    const { stop } = await world.start([], { posted: { ...posted, handlers: ["desk.w.think"] } });

    await until(async () => expect(await findHandlers(world.bus.buckets)).toEqual(["desk.w.think"]));
    await stop();

    expect(await findHandlers(world.bus.buckets)).toEqual([]);
  });

  test("stops at once while the store does not answer", async () => {
    await using world = openWorld();
    const silent = { ...world.store.manifests, listPosted: () => new Promise<never>(() => {}) };
    const { stop } = await world.start([], { posted, store: { ...world.store, manifests: silent } });

    await stop();

    expect(await served(world)).toEqual([]);
  });

  test("serves nothing that was posted when it is not to", async () => {
    await using world = openWorld();
    await post(world, "posted");
    await world.start([desk("code", "mine")]);

    expect(await served(world)).toEqual([expect.stringMatching(/^mine\./)]);
  });
});
