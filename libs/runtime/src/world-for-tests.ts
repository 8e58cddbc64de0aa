/** A store, a bus and engines over them, all real, in this process: what the specifications of the runtime stand on. */
import type { DatabaseSync } from "node:sqlite";
import type { Bus } from "@openvibe/bus";
import { openMemoryBus } from "@openvibe/bus/memory";
import { createContext, type SharedContext } from "@openvibe/context";
import {
  isTerminalEventType,
  type JsonObject,
  type JsonValue,
  newRunId,
  newToken,
  type OpenVibeEvent,
  type OperatorDefinition,
  type Run,
  silentLogger,
  systemClock,
  toIso,
  type WakeUp,
} from "@openvibe/core";
import type { GraphForm } from "@openvibe/graph";
import { createScripted, type Script, type ScriptedLlm } from "@openvibe/llm/scripted";
import type { DueKind, Store } from "@openvibe/store";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { expect, vi } from "vitest";
import { createEngine, type Engine, type EngineOptions } from "./engine.ts";
import { silentObserver } from "./observer.ts";
import { publishOutbox } from "./publish-outbox.ts";

export interface WorldOptions {
  readonly form?: GraphForm;
  readonly script?: Script;
  /** How long the queue waits for a sign of life of a taker; long enough by default that nothing is delivered twice. */
  readonly holdMs?: number;
  /** Where runs are kept; SQLite in memory by default, which keeps the bus all the same. The world disposes of it. */
  readonly store?: Store;
}

export interface StartedEngine {
  readonly engine: Engine;
  /** Asks it to stop and waits until it has drained. */
  stop(): Promise<void>;
}

export interface World extends AsyncDisposable {
  readonly store: Store & { readonly database: DatabaseSync };
  readonly bus: Bus;
  readonly context: SharedContext;
  readonly llm: ScriptedLlm;
  /** Resolves when the engine takes work. It is stopped with the world. */
  start(definitions: readonly OperatorDefinition[], options?: Partial<EngineOptions>): Promise<StartedEngine>;
  /** Stores a run as the acceptor does, and publishes its wake-up. */
  accept(
    definition: OperatorDefinition,
    workflowId: string,
    input?: JsonObject,
    deadline?: number,
    traceparent?: string,
    parentRunId?: string,
  ): Promise<string>;
  /** The run once it waits, as the `nth` wake-up (counted from 0) left it. */
  waiting(runId: string, wake?: number): Promise<Run>;
  /** What a gateway does with an answer. `true` for the one that wins. */
  answer(runId: string, body: JsonObject): Promise<boolean>;
  /** What a sweep does with runs whose time has come. Gives how many there were. */
  wakeDue(): Promise<number>;
  /** What a sweep does with events that lie unsent and wake-ups that were lost. */
  sweep(): Promise<void>;
  /** What a sweep does with runs whose deadline is over. */
  timeOut(): Promise<void>;
  /** What a gateway does with a `DELETE`. */
  cancel(runId: string): Promise<void>;
  /** The runs that a run began, in that order. */
  childrenOf(runId: string): Promise<readonly Run[]>;
  /** The run once it is in a terminal state. */
  ended(runId: string): Promise<Run>;
  /** The run's events once the last one is there. */
  told(runId: string): Promise<readonly OpenVibeEvent[]>;
  events(runId: string): Promise<readonly OpenVibeEvent[]>;
  find(runId: string): Promise<Run>;
  /** As it is kept: a state without what its input holds already. */
  row(runId: string): { readonly position: string | null; readonly state: JsonValue | null; readonly owner: string | null };
}

/** Waits for a condition, which throws as long as it does not hold. */
export function until<T>(condition: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(condition, { timeout: 10_000, interval: 5 });
}

export function openWorld({ form = "segments", script = () => "yes", holdMs = 30_000, store: given }: WorldOptions = {}): World {
  const sqlite = openSqliteStore({ path: ":memory:" });
  const store = given === undefined ? sqlite : { ...given, database: sqlite.database };
  const bus = openMemoryBus({ database: store.database, holdMs });
  const context = createContext(bus.buckets);
  const llm = createScripted(script);
  const stops: (() => Promise<void>)[] = [];

  const find = async (runId: string) => {
    const run = await store.runs.find(runId);
    if (run === undefined) throw new Error(`there is no run ${runId}`);
    return run;
  };
  const events = async (runId: string) => {
    const found: OpenVibeEvent[] = [];
    for await (const { event } of bus.log.read(0, { runId }, new AbortController().signal)) found.push(event);
    return found;
  };

  return {
    store,
    bus,
    context,
    llm,
    find,
    events,
    async start(definitions, options = {}) {
      const engine = createEngine({
        definitions,
        bus,
        store,
        context,
        llm,
        clock: systemClock,
        logger: silentLogger,
        observer: silentObserver,
        form,
        drainTimeoutMs: 2_000,
        ...options,
      });
      const stopping = new AbortController();
      const ready = Promise.withResolvers<void>();
      const running = engine.run(stopping.signal, ready.resolve);
      running.catch(ready.reject);
      await ready.promise;
      const stop = async () => {
        stopping.abort();
        await running;
      };
      stops.push(stop);
      return { engine, stop };
    },
    async accept(definition, workflowId, input = {}, deadline, traceparent, parentRunId) {
      const given = {
        ...(deadline === undefined ? {} : { deadline }),
        ...(traceparent === undefined ? {} : { traceparent }),
        ...(parentRunId === undefined ? {} : { parentRunId }),
      };
      const run = { ...aRun(definition, workflowId, input), ...given };
      await store.runs.insert(run);
      await bus.queue.publish(wakeUpOf(run));
      return run.runId;
    },
    waiting: (runId, wake = 0) =>
      until(async () => {
        const run = await find(runId);
        expect(run).toMatchObject({ status: "waiting", wake });
        return run;
      }),
    async answer(runId, body) {
      const { operatorId, wake } = await find(runId);
      const event = { type: "run.resumed", time: toIso(Date.now()), data: { kind: "resume" } };
      const won = await store.runs.wake({ runId, seen: wake, kind: "resume", body, wakeId: newToken(), event });
      if (won) await bus.queue.publish({ operatorId, runId, kind: "resume", wake: wake + 1 });
      return won;
    },
    async wakeDue() {
      const event = (kind: DueKind) => ({ type: "run.resumed", time: toIso(Date.now()), data: { kind } });
      const due = await store.sweep.wakeDue({ limit: 10, event });
      await Promise.all(due.map((wakeUp) => bus.queue.publish(wakeUp)));
      return due.length;
    },
    async sweep() {
      for (const { run, outbox } of await store.sweep.findUnsent({ olderThanMs: 0, limit: 100 }))
        await publishOutbox({ bus, store, clock: systemClock }, run, outbox);
      const stuck = await store.sweep.findStuck({ sweeper: newToken(), limit: 100, everything: true });
      await Promise.all(stuck.map((wakeUp) => bus.queue.publish(wakeUp)));
    },
    async timeOut() {
      const event = () => ({ type: "run.timed_out", time: toIso(Date.now()), data: { status: "timed_out" } });
      const error = { code: "OV_RUN_TIMEOUT", message: "not in time" } as const;
      for (const { run, outbox } of await store.sweep.timeOutOverdue({ sweeper: "sweeper", limit: 10, error, event }))
        await publishOutbox({ bus, store, clock: systemClock }, run, outbox);
    },
    async cancel(runId) {
      const { operatorId } = await find(runId);
      const event = { type: "run.cancelled", time: toIso(Date.now()), data: { status: "cancelled" } };
      const result = await store.runs.cancel({ operatorId, runId, event });
      if (result.did === "cancelled") await publishOutbox({ bus, store, clock: systemClock }, result.run, result.outbox);
      if (result.did === "requested") bus.signals.control({ operatorId, verb: "cancel", runId, body: {} });
    },
    childrenOf: async (parentRunId) => (await store.runs.list({ parentRunId }, { limit: 200 })).toReversed(),
    ended: (runId) =>
      until(async () => {
        const run = await find(runId);
        expect(run.completedAt).not.toBeNull();
        return run;
      }),
    told: (runId) =>
      until(async () => {
        const all = await events(runId);
        expect(all.at(-1)?.type).toSatisfy(isTerminalEventType);
        return all;
      }),
    row(runId) {
      const row = store.database.prepare("SELECT position, state, owner FROM runs WHERE run_id = ?").get(runId);
      if (row === undefined) throw new Error(`there is no run ${runId}`);
      const { position, state, owner } = row as { position: string | null; state: string | null; owner: string | null };
      return { position, owner, state: state === null ? null : (JSON.parse(state) as JsonValue) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stops.map((stop) => stop()));
      await bus[Symbol.asyncDispose]();
      await given?.[Symbol.asyncDispose]();
      await sqlite[Symbol.asyncDispose]();
    },
  };
}

/** A run to insert, as the acceptor makes it. */
function aRun({ manifest, version }: OperatorDefinition, workflowId: string, input: JsonObject = {}) {
  const now = Date.now();
  const fields = manifest.workflows.find(({ id }) => id === workflowId)?.state_fields ?? [];
  return {
    runId: newRunId(now),
    operatorId: manifest.id,
    workflowId,
    trigger: workflowId,
    definition: version,
    input,
    ignoredInput: Object.keys(input).filter((key) => !fields.includes(key)),
    tags: {},
    event: { type: "run.queued", time: toIso(now), data: { trigger: workflowId, workflow_id: workflowId } },
  };
}

function wakeUpOf({ operatorId, runId }: { readonly operatorId: string; readonly runId: string }): WakeUp {
  return { operatorId, runId, kind: "start", wake: 0 };
}
