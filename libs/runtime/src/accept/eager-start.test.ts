/** Handing new runs to workers that have room, seen from whoever accepts them. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, RequestEnvelope, Requests } from "@openvibe/bus";
import { BEGIN_RUN, type JsonObject, type JsonValue, OpenVibeError, silentLogger, systemClock, type WakeUp } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { asToldEnded } from "../told-end.ts";
import { openWorld, type World } from "../world-for-tests.ts";
import { type Acceptor, createAcceptor } from "./acceptor.ts";

const State = z.object({ note: z.string().default("") });
const shop = operator("shop", { name: "Shop", workflows: [workflow("w", { state: State }).node("n", () => ({ note: "done" }))] });
const BUSY = { begun: false };

interface Scene extends AsyncDisposable {
  readonly world: World;
  readonly acceptor: Acceptor;
  readonly asked: RequestEnvelope[];
  readonly published: WakeUp[];
  /** Asks for a run; gives its status as it was answered, and how it began. */
  accept(): Promise<string>;
}

/** `answer` instead of whoever serves the operator. */
async function aScene({ answer, eagerStart }: { answer?: () => Promise<JsonValue>; eagerStart?: boolean } = {}): Promise<Scene> {
  const world = openWorld();
  await world.store.manifests.register(shop.manifest, shop.version);
  const asked: RequestEnvelope[] = [];
  const published: WakeUp[] = [];
  const ask: Requests["ask"] = (operatorId, capability, request) => {
    expect([operatorId, capability]).toEqual(["shop", BEGIN_RUN]);
    asked.push(request);
    return answer === undefined ? world.bus.requests.ask(operatorId, capability, request) : answer();
  };
  const publish: Bus["queue"]["publish"] = (wakeUp) => {
    published.push(wakeUp);
    return world.bus.queue.publish(wakeUp);
  };
  const bus = { ...world.bus, requests: { ask } as Requests, queue: { publish } as Bus["queue"] };
  const acceptor = createAcceptor({
    ...{ store: world.store, bus, clock: systemClock, logger: silentLogger },
    ...(eagerStart === undefined ? {} : { eagerStart }),
  });
  return {
    world,
    acceptor,
    asked,
    published,
    async accept() {
      const before = published.length;
      const { run } = await acceptor.accept({ operatorId: "shop", trigger: "w", input: {} });
      return `${run.status}, ${published.length > before ? "by the queue" : "at once"}`;
    },
    async [Symbol.asyncDispose]() {
      await acceptor[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

const unavailable = () => Promise.reject(new OpenVibeError("OV_BUS_UNAVAILABLE", "gone"));
const silent = () => Promise.reject(new OpenVibeError("OV_ASK_TIMEOUT", "nothing came"));

describe("an accepted run", () => {
  test("begins at once in a worker that has room, and is answered as it then is", async () => {
    await using scene = await aScene();
    await scene.world.start([shop]);

    const { run, replayed, warnings } = await scene.acceptor.accept({
      ...{ operatorId: "shop", trigger: "w", input: { colour: "red" }, tags: { team: "sales" }, deadline: 4_102_444_800_000 },
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });

    expect({ replayed, warnings, published: scene.published }).toEqual({ replayed: false, warnings: [], published: [] });
    const stored = await scene.world.ended(run.runId);
    const { status, output, metrics, step, completedAt, ...kept } = stored;
    expect({ status, output }).toEqual({ status: "completed", output: { note: "done" } });
    expect(run).toMatchObject({ ...kept, status: "running", attempt: 1, output: {}, completedAt: null });
  });

  test.each([[true], [false]])("that is waited for says so to the worker: %s", async (awaited) => {
    await using scene = await aScene();
    await scene.world.start([shop]);
    const told = Promise.withResolvers<JsonObject>();
    using _listening = await scene.world.bus.signals.onControl({ verb: "wake" }, ({ body }) => told.resolve(body));

    const { run } = await scene.acceptor.accept({ operatorId: "shop", trigger: "w", input: {}, awaited });

    const ended = asToldEnded(run, await told.promise);
    expect(ended).toEqual(awaited ? await scene.world.ended(run.runId) : undefined);
  });

  test.each([
    ["where nobody serves the operator", {}],
    ["where the workers are busy", { answer: async () => BUSY }],
    ["where the bus is away", { answer: unavailable }],
    ["where no worker answers in time", { answer: silent }],
    ["where a worker answers with nonsense", { answer: async () => ({ begun: "yes" }) }],
    ["where a worker answers with half of it", { answer: async () => ({ begun: true }) }],
    ["where it is so configured", { eagerStart: false }],
  ])("goes by the queue %s", async (_, options) => {
    await using scene = await aScene(options);

    expect(await scene.accept()).toBe("queued, by the queue");

    await scene.world.start([shop]);
    expect(await scene.world.ended(scene.published[0]?.runId ?? "")).toMatchObject({ status: "completed", attempt: 1 });
  });

  test("that a worker stored without being heard is met by the queue's insert, and is one run", async () => {
    const world = Promise.withResolvers<World>();
    const answer = async () => {
      const [request] = scene.asked;
      await (await world.promise).bus.requests.ask("shop", BEGIN_RUN, request as RequestEnvelope);
      throw new OpenVibeError("OV_ASK_TIMEOUT", "the answer was lost");
    };
    await using scene = await aScene({ answer });
    world.resolve(scene.world);
    await scene.world.start([shop]);

    const { run, replayed } = await scene.acceptor.accept({ operatorId: "shop", trigger: "w", input: {} });

    expect(replayed).toBe(false);
    expect(await scene.world.ended(run.runId)).toMatchObject({ status: "completed", attempt: 1 });
    expect(await scene.world.store.runs.list({}, { limit: 10 })).toHaveLength(1);
  });

  test.each([
    ["50 ms after a refusal", async () => BUSY, 50],
    ["a second after no answer", silent, 1_000],
  ])("is handed over again %s", async (_, answer, pauseMs) => {
    await using scene = await aScene({ answer });
    const from = performance.now();
    await scene.accept();

    while (scene.asked.length === 1) {
      await scene.accept();
      await sleep(10);
    }

    expect(performance.now() - from).toBeGreaterThanOrEqual(pauseMs);
    expect(scene.published.length).toBeGreaterThan(3); // all went by the queue
  });
});

test("a rerun goes by the queue", async () => {
  await using scene = await aScene();
  await scene.world.start([shop]);
  const { run } = await scene.acceptor.accept({ operatorId: "shop", trigger: "w", input: {} });
  const ended = await scene.world.ended(run.runId);

  await scene.acceptor.rerun({ run: ended, changes: {}, principal: "p" });

  expect(scene.asked).toHaveLength(1);
  expect(scene.published).toHaveLength(1);
});
