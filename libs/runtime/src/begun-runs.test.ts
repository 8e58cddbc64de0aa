/** New runs that are handed to a worker: it stores them as its own and begins, or says that they are to go by the queue. */
import type { Bus } from "@openvibe/bus";
import { BEGIN_RUN, type JsonObject, type JsonValue, newRunId, type OperatorDefinition, type Run, type WakeUp } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { storeIsAway, withFaults, withLog } from "./faults-for-tests.ts";
import { asToldEnded } from "./told-end.ts";
import { openWorld, until, type World } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default(""), size: z.number().default(0) });
const plain = operator("shop", {
  name: "Shop",
  workflows: [workflow("w", { state: State }).node("n", ({ size }) => ({ note: `x${size}` }))],
});
const BEGUN = { begun: true, created_at: expect.any(Number), started_at: expect.any(Number) };
const NOT_BEGUN = { begun: false };

function aHandedRun({ version }: OperatorDefinition, given: JsonObject = {}): JsonObject & { readonly run_id: string } {
  return {
    run_id: newRunId(Date.now()),
    ...{ workflow_id: "w", trigger: "w", definition: version, input: { size: 3 }, ignored_input: [], tags: {} },
    queued_at: Date.now(),
    ...given,
  };
}

function hand(world: World, body: JsonValue): Promise<JsonValue> {
  return world.bus.requests.ask("shop", BEGIN_RUN, { body, askId: "a", deadlineAt: Date.now() + 5_000 });
}

/** The bus, and the wake-ups that are published on it. */
function watched({ bus }: World): { readonly bus: Bus; readonly published: WakeUp[] } {
  const published: WakeUp[] = [];
  const publish = (wakeUp: WakeUp) => {
    published.push(wakeUp);
    return bus.queue.publish(wakeUp);
  };
  return { bus: { ...bus, queue: { ...bus.queue, publish, take: bus.queue.take.bind(bus.queue) } }, published };
}

/** Steps `one`, which waits to be let go, and `two`. */
function pausing() {
  const inside = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const calls: string[] = [];
  const definition = operator("shop", {
    name: "Shop",
    workflows: [
      workflow("w", { state: State })
        .node("one", async () => {
          calls.push("one");
          inside.resolve();
          await leave.promise;
        })
        .node("two", () => void calls.push("two")),
    ],
  });
  return { definition, inside: inside.promise, leave: leave.resolve, calls };
}

describe("a run that is handed over", () => {
  test("begins at once, is told like any other, and needs no wake-up", async () => {
    await using world = openWorld();
    const { bus, published } = watched(world);
    await world.start([plain], { bus });
    const handed = aHandedRun(plain, { tags: { team: "sales" }, idempotency_key: "k", fingerprint: "f" });

    expect(await hand(world, handed)).toEqual(BEGUN);

    const run = await world.ended(handed.run_id);
    expect(run).toMatchObject({ status: "completed", attempt: 1, output: { note: "x3", size: 3 }, tags: { team: "sales" }, trigger: "w" });
    expect(await world.store.runs.findByKey("k")).toMatchObject({ run: { runId: handed.run_id }, fingerprint: "f" });
    expect((await world.told(handed.run_id)).map(({ type }) => type)).toEqual([
      "run.queued",
      "run.started",
      "node.completed",
      "run.completed",
    ]);
    expect(published).toEqual([]);
  });

  test.each([
    ["of another version than the one served here", { definition: "another" }],
    ["of a workflow that is not served here", { workflow_id: "other" }],
  ])("%s is not begun, nor stored", async (_, given) => {
    await using world = openWorld();
    await world.start([plain]);
    const handed = aHandedRun(plain, given);

    expect(await hand(world, handed)).toEqual(NOT_BEGUN);

    expect(await world.store.runs.find(handed.run_id)).toBeUndefined();
  });

  test("is not begun while an eighth of the slots or less is free: those are for the queue", async () => {
    const { definition, leave, calls } = pausing();
    await using world = openWorld();
    await world.start([definition], { slotsPerOperator: 16 });

    const answers = await Promise.all(Array.from({ length: 20 }, () => hand(world, aHandedRun(definition))));

    expect(answers.filter((answer) => (answer as JsonObject).begun === true)).toHaveLength(15);
    await until(() => expect(calls).toHaveLength(15));
    leave();
    await until(() => expect(calls.filter((call) => call === "two")).toHaveLength(15));
    expect(await hand(world, aHandedRun(definition))).toEqual(BEGUN); // there is room again
  });

  test("where there is one slot, takes it", async () => {
    const { definition, inside, leave } = pausing();
    await using world = openWorld();
    await world.start([definition], { slotsPerOperator: 1 });

    expect(await hand(world, aHandedRun(definition))).toEqual(BEGUN);
    await inside;
    expect(await hand(world, aHandedRun(definition))).toEqual(NOT_BEGUN);
    leave();
  });

  test("that was stored for the queue meanwhile is left to it", async () => {
    await using world = openWorld();
    const begun: string[] = [];
    const definition = operator("shop", {
      name: "Shop",
      workflows: [workflow("w", { state: State }).node("n", () => void begun.push("n"))],
    });
    const runId = await world.accept(definition, "w", { size: 3 });
    await world.start([definition]);
    const ended = await world.ended(runId);

    expect(await hand(world, aHandedRun(definition, { run_id: runId }))).toEqual(NOT_BEGUN);

    expect(await world.find(runId)).toEqual(ended);
    expect(begun).toEqual(["n"]);
  });

  test("whose idempotency key has its run already is not begun", async () => {
    await using world = openWorld();
    await world.start([plain]);
    const first = aHandedRun(plain, { idempotency_key: "k", fingerprint: "f" });
    await hand(world, first);
    const second = aHandedRun(plain, { idempotency_key: "k", fingerprint: "f" });

    expect(await hand(world, second)).toEqual(NOT_BEGUN);

    expect(await world.store.runs.find(second.run_id)).toBeUndefined();
  });

  test("is given back by a worker that stops, with a wake-up, and goes on where it stood", async () => {
    const { definition, inside, leave, calls } = pausing();
    await using world = openWorld();
    const { bus, published } = watched(world);
    const first = await world.start([definition], { bus });
    const handed = aHandedRun(definition);
    await hand(world, handed);
    await inside;

    const stopped = first.stop();
    expect(await hand(world, aHandedRun(definition))).toEqual(NOT_BEGUN); // it takes nothing new
    leave();
    await stopped;

    expect(published).toEqual([{ operatorId: "shop", runId: handed.run_id, kind: "start", wake: 0 }]);
    await world.start([definition]);
    expect(await world.ended(handed.run_id)).toMatchObject({ status: "completed", attempt: 2 });
    expect(calls).toEqual(["one", "two"]);
  });

  test("frees its slot when it has ended, and where the store refused it", async () => {
    await using world = openWorld();
    let refuse = true;
    const store = withFaults(world.store, { before: (name) => void (refuse && name === "insert" && storeIsAway()) });
    await world.start([plain], { store, slotsPerOperator: 1 });

    for (const _ of [1, 2]) await expect(hand(world, aHandedRun(plain))).rejects.toMatchObject({ code: "OV_ASK_FAILED" });
    refuse = false;
    for (const _ of [1, 2]) {
      const handed = aHandedRun(plain);
      expect(await hand(world, handed)).toEqual(BEGUN);
      await world.ended(handed.run_id);
      await until(() => expect(world.row(handed.run_id).owner).toBeNull());
    }
  });

  test("frees its slot when its end is stored, though nothing can be told of it yet", async () => {
    await using world = openWorld();
    const stored = Promise.withResolvers<"stored">();
    const bus = withLog(world.bus, { append: () => stored.promise });
    await world.start([plain], { bus, slotsPerOperator: 1 });
    const handed = aHandedRun(plain);

    expect(await hand(world, handed)).toEqual(BEGUN);
    await until(async () => expect((await world.find(handed.run_id)).status).toBe("completed"));

    expect(await hand(world, aHandedRun(plain))).toEqual(BEGUN);
    stored.resolve("stored");
  });

  test.each([
    ["completed", { size: 3 }, "completed"],
    ["failed", { size: -1 }, "failed"],
  ] as const)("and %s has its end told to who waits for it, as the store has it", async (_, input, status) => {
    await using world = openWorld();
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State }).node("n", ({ size }) => {
          if (size < 0) throw new Error("too small");
          return { note: `x${size}` };
        }),
      ],
    });
    await world.start([definition]);
    const told = new Map<string, JsonObject>();
    using _listening = await world.bus.signals.onControl({ verb: "wake" }, ({ runId, body }) => void told.set(runId, body));
    const [awaited, other] = [aHandedRun(definition, { input, awaited: true }), aHandedRun(definition, { input })];

    for (const handed of [awaited, other]) await hand(world, handed);
    const begun = await world.find(awaited.run_id);
    const [ended] = [await world.ended(awaited.run_id), await world.ended(other.run_id)];

    expect(ended.status).toBe(status);
    const { status: _status, step: _step, output: _output, error: _error, metrics: _metrics, completedAt: _at, ...asBegun } = begun;
    expect(asToldEnded(asBegun as Run, told.get(awaited.run_id) ?? {})).toEqual(ended);
    expect(told.get(other.run_id)).toEqual({});
  });

  test("and waits for something has its end told to nobody: who goes on with it knows of no one", async () => {
    await using world = openWorld();
    const definition = operator("shop", {
      name: "Shop",
      workflows: [workflow("w", { state: State }).human("ask", { prompt: "?", answer: ["note"] })],
    });
    await world.start([definition]);
    const told = new Map<string, JsonObject>();
    using _listening = await world.bus.signals.onControl({ verb: "wake" }, ({ runId, body }) => void told.set(runId, body));
    const handed = aHandedRun(definition, { awaited: true });
    await hand(world, handed);
    await world.waiting(handed.run_id);

    await world.answer(handed.run_id, { answer: { note: "yes" } });

    expect((await world.ended(handed.run_id)).output).toMatchObject({ note: "yes" });
    expect(told.get(handed.run_id)).toEqual({});
  });

  const strange: readonly (readonly [string, JsonValue, string])[] = [
    ["nothing", null, "expected an object"],
    ["a list", [], "expected an object"],
    ["no run id", { run_id: null }, "/run_id"],
    ["a run id with a dot", { run_id: "run.x" }, "/run_id"],
    ["a long run id", { run_id: "r".repeat(65) }, "/run_id"],
    ["a workflow that is a number", { workflow_id: 7 }, "/workflow_id"],
    ["an empty trigger", { trigger: "" }, "/trigger"],
    ["no version", { definition: null }, "/definition"],
    ["input that is a text", { input: "x" }, "/input"],
    ["ignored input that is no list", { ignored_input: "a" }, "/ignored_input"],
    ["ignored input that holds numbers", { ignored_input: [1] }, "/ignored_input"],
    ["tags that are numbers", { tags: { a: 1 } }, "/tags"],
    ["a wait that is a number", { awaited: 1 }, "/awaited"],
    ["a time that is a text", { queued_at: "now" }, "/queued_at"],
    ["a time beyond all dates", { queued_at: 9e15 }, "/queued_at"],
    ["a deadline that is a fraction", { deadline: 0.5 }, "/deadline"],
    ["a key that is a number", { idempotency_key: 5 }, "/idempotency_key"],
    ["an origin that is a list", { origin: [] }, "/origin"],
  ];
  test.each(strange)("that is wrong (%s) is refused with the place, and nothing is stored", async (_, wrong, place) => {
    await using world = openWorld();
    await world.start([plain]);
    const body = wrong === null || Array.isArray(wrong) ? wrong : { ...aHandedRun(plain), ...(wrong as JsonObject) };

    await expect(hand(world, body)).rejects.toMatchObject({
      code: "OV_ASK_FAILED",
      message: expect.stringContaining(place),
      extra: { answered_code: "OV_REQUEST_INVALID" },
    });

    expect(await world.store.runs.list({}, { limit: 10 })).toEqual([]);
  });
});
