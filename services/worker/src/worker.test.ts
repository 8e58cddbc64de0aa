import { openMemoryBus } from "@openvibe/bus/memory";
import { createContext } from "@openvibe/context";
import {
  manifestVersion,
  newRunId,
  type OperatorDefinition,
  type OperatorManifest,
  silentLogger,
  systemClock,
  toIso,
} from "@openvibe/core";
import { createScripted } from "@openvibe/llm/scripted";
import { silentObserver } from "@openvibe/runtime";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { describe, expect, test, vi } from "vitest";
import { createWorker, type WorkerOptions } from "./worker.ts";

const manifest: OperatorManifest = {
  id: "shop",
  name: "Shop",
  answers: {},
  workflows: [
    {
      id: "w",
      triggers: [{ id: "w", on: "on_demand" }],
      input_schema: {},
      state_fields: ["note"],
      steps: [{ kind: "node", id: "n" }],
    },
  ],
};

/** An operator as data and code, without the sdk. */
function anOperator(run: () => Promise<{ note: string }>): OperatorDefinition {
  const steps = new Map([["n", { kind: "node", run } as const]]);
  const code = { steps, openState: () => ({ state: {}, ignoredInput: [] }), checkPatch: (patch: object) => ({ ...patch }) };
  return { manifest, version: manifestVersion(manifest), workflows: new Map([["w", code]]), answers: new Map() };
}

function openWorld() {
  const store = openSqliteStore({ path: ":memory:" });
  const bus = openMemoryBus({ database: store.database });
  const options = (definitions: readonly OperatorDefinition[]): WorkerOptions => ({
    definitions,
    bus,
    store,
    context: createContext(bus.buckets),
    llm: createScripted(() => "yes"),
    clock: systemClock,
    logger: silentLogger,
    observer: silentObserver,
  });
  return {
    store,
    options,
    async accept() {
      const runId = newRunId(Date.now());
      const run = { runId, operatorId: "shop", workflowId: "w", trigger: "w", definition: manifestVersion(manifest), input: {} };
      const event = { type: "run.queued", time: toIso(Date.now()), data: {} };
      await store.runs.insert({ ...run, ignoredInput: [], tags: {}, event });
      await bus.queue.publish({ operatorId: "shop", runId, kind: "start", wake: 0 });
      return runId;
    },
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

describe("a worker", () => {
  test("runs what is activated until it is stopped, and ends when the last step has finished", async () => {
    await using world = openWorld();
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const ready = Promise.withResolvers<void>();
    const stopping = new AbortController();
    const definition = anOperator(async () => {
      inside.resolve();
      await leave.promise;
      return { note: "done" };
    });
    const running = createWorker(world.options([definition])).run(stopping.signal, ready.resolve);
    await ready.promise;
    const runId = await world.accept();
    await inside.promise;

    stopping.abort();
    leave.resolve();
    await running;

    expect(await world.store.runs.find(runId)).toMatchObject({ status: "completed", output: { note: "done" } });
  });

  test("leaves for the next one what arrives after it was stopped", async () => {
    await using world = openWorld();
    const definition = anOperator(async () => ({ note: "done" }));
    await createWorker(world.options([definition])).run(AbortSignal.abort());
    const runId = await world.accept();

    const stopping = new AbortController();
    const running = createWorker(world.options([definition])).run(stopping.signal);
    await vi.waitFor(async () => expect((await world.store.runs.find(runId))?.status).toBe("completed"), { timeout: 10_000, interval: 5 });
    stopping.abort();
    await running;

    expect((await world.store.runs.find(runId))?.attempt).toBe(1);
  });

  test("is not made of an operator whose code is missing", async () => {
    await using world = openWorld();
    const definition = { ...anOperator(async () => ({ note: "" })), workflows: new Map() };

    expect(() => createWorker(world.options([definition]))).toThrow(expect.objectContaining({ code: "OV_DEFINITION_INVALID" }));
  });
});
