/** A worker process: how its parts are put together, begin to take work, and drain. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Bus } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import {
  CLOSE_DOWN_MS,
  type Clock,
  DRAIN_TIMEOUT_MS,
  type Logger,
  newInstanceId,
  type OperatorDefinition,
  type OperatorId,
  type OwnerId,
  type RunId,
} from "@openvibe/core";
import { type GraphForm, outsideOfGraphs } from "@openvibe/graph";
import type { LlmProvider } from "@openvibe/llm";
import type { Store } from "@openvibe/store";
import { createCatalogue } from "./accept/catalogue.ts";
import { BegunRuns } from "./begun-runs.ts";
import { ClaimedRuns } from "./claimed-runs.ts";
import type { ExecutionDeps } from "./execution.ts";
import { HeldRuns } from "./held-runs.ts";
import type { RuntimeObserver } from "./observer.ts";
import { OperatorHooks } from "./operator-hooks.ts";
import { OperatorIntake } from "./operator-intake.ts";
import { OperatorSlots } from "./operator-slots.ts";
import { ParkedRuns } from "./parked-runs.ts";
import { Parking } from "./parking.ts";
import { patiently, pause } from "./patience.ts";
import type { PostedOptions } from "./posted-operators.ts";
import { PostedService } from "./posted-service.ts";
import { keepRegistered } from "./registry.ts";
import { SentMarks } from "./sent-marks.ts";
import { type ServedOperator, serveOperator } from "./served-operator.ts";
import { WakeUps } from "./wake-ups.ts";

export interface EngineOptions {
  readonly definitions: readonly OperatorDefinition[];
  readonly bus: Bus;
  readonly store: Store;
  readonly context: SharedContext;
  readonly llm: LlmProvider;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: RuntimeObserver;
  /** Runs of one operator in this process's hands at a time; 128 by default. */
  readonly slotsPerOperator?: number;
  /** Runs that answer requests, per operator; 32 by default. */
  readonly requestSlots?: number;
  /** How long a stop waits for running steps; 25,000 by default. */
  readonly drainTimeoutMs?: number;
  /** How long the main thread may stand still before the process is ended; 60,000 by default. */
  readonly maxBlockedMs?: number;
  /** Whether each step's patch is kept, for `GET …/history`; off by default. */
  readonly history?: boolean;
  /** Operators that came over HTTP are served besides, as the store says; only `definitions` when absent. */
  readonly posted?: PostedOptions;
  /** Which LangGraph form runs; `segments` by default. */
  readonly form?: GraphForm;
}

const EXTEND_EVERY_MS = 2_000;
/** After the drain's timeout, aborted steps get this long to hand their runs back; the rest is for closing. */
const HAND_BACK_MS = CLOSE_DOWN_MS - 1_000;
/** The first part of it, in which they still wait for a store that does not answer. */
const HURRIED_MS = 1_000;

export class Engine {
  readonly owner: OwnerId = newInstanceId("worker");
  readonly #options: EngineOptions;
  /** Changes only where operators are posted. */
  readonly #operators: Map<OperatorId, ServedOperator>;
  readonly #stopping = new AbortController();
  /** Aborts when runs wait no longer for a store that does not answer: they are left to whoever claims them next. */
  readonly #outOfTime = new AbortController();
  readonly #sentMarks: SentMarks;
  readonly #hooks: OperatorHooks;
  readonly #held: HeldRuns;
  readonly #wakeUps: WakeUps;
  readonly #parkedRuns: ParkedRuns;
  readonly #begunRuns: BegunRuns;
  readonly #intake: OperatorIntake;

  /** Compiles everything. @throws OpenVibeError OV_DEFINITION_INVALID */
  constructor(options: EngineOptions) {
    this.#options = options;
    const { store, bus, clock, logger, observer, slotsPerOperator = 128, requestSlots = 32 } = options;
    const { owner } = this;
    const stopping = this.#stopping.signal;
    // Work of ours must not begin inside the async context of a node that caused it, nor of one that made this engine: LangGraph would nest the graphs.
    const outside = outsideOfGraphs(() => AsyncLocalStorage.snapshot());
    const operators = new Map(
      options.definitions.map((definition) => [definition.manifest.id, serveOperator(definition, options.form ?? "segments")]),
    );
    const slots = new OperatorSlots(slotsPerOperator);
    const parking = new Parking({ store, clock, logger, owner, signal: stopping });
    this.#operators = operators;
    this.#sentMarks = new SentMarks(store.runs);
    this.#hooks = new OperatorHooks({ logger, outside });
    const awaited = new Set<RunId>();
    const execution = toExecutionDeps(options, { owner, sentMarks: this.#sentMarks, awaited, outOfTime: this.#outOfTime.signal });
    const held = new HeldRuns({ execution, hooks: this.#hooks, operators, stopping });
    const claimedRuns = new ClaimedRuns({ held, parking, slots, operators, runs: store.runs, queue: bus.queue, logger, owner });
    const wakeUps = new WakeUps({ claimedRuns, held, slots, bus, store, clock, logger, observer, owner, stopping });
    this.#held = held;
    this.#wakeUps = wakeUps;
    this.#parkedRuns = new ParkedRuns({
      ...{ claimedRuns, parking, slots, operators, clock, logger, owner },
      runs: store.runs,
    });
    this.#begunRuns = new BegunRuns({ claimedRuns, slots, runs: store.runs, clock, logger, owner, awaited, stopping });
    this.#intake = new OperatorIntake({
      ...{ bus, held, slots, requestSlots, clock, owner, outside, stopping },
      begun: this.#begunRuns,
      runs: store.runs,
      settle: (delivery) => wakeUps.settle(delivery),
    });
  }

  /**
   * Serves until `signal` aborts, then drains: takes nothing new, finishes the running steps within `drainTimeoutMs` or aborts them, releases the runs,
   * gives their wake-ups back. `onReady` is called when all operators take work.
   */
  async run(signal: AbortSignal, onReady?: () => void): Promise<void> {
    const { bus, store, logger, maxBlockedMs, posted, form = "segments" } = this.#options;
    const operators = this.#operators;
    await using cleanup = new AsyncDisposableStack();
    const beat = await patiently(
      () => store.workers.beat({ owner: this.owner, logger, ...(maxBlockedMs === undefined ? {} : { maxBlockedMs }) }),
      { signal },
    );
    cleanup.use(beat); // the beat ends last: until then the runs are ours
    cleanup.use(this.#sentMarks);
    const extending = setInterval(() => this.#extend(), EXTEND_EVERY_MS);
    cleanup.defer(() => clearInterval(extending));

    for (const { definition } of operators.values()) {
      await patiently(() => store.manifests.register(definition.manifest, definition.version), { signal });
      cleanup.use(await this.#intake.prepare(definition.manifest.id, signal));
    }
    const taking = [...operators.keys()].map((id) => this.#intake.take(id, signal));
    taking.push(this.#parkedRuns.take(signal));
    for (const operator of operators.values()) for (const answering of await this.#intake.answer(operator, signal)) cleanup.use(answering);
    const registered = keepRegistered({
      bus,
      clock: this.#options.clock,
      instance: this.owner,
      operators: () => [...operators.values()].map(({ definition }) => definition),
      handlers: posted?.handlers ?? [],
    });
    cleanup.use(registered);
    if (posted !== undefined) {
      const service = new PostedService({
        ...{ posted, operators, intake: this.#intake, registered, form, logger },
        manifests: store.manifests,
      });
      cleanup.use(service);
      taking.push(service.run(signal));
    }
    onReady?.();
    logger.info({ owner: this.owner, operators: [...operators.keys()] }, "worker takes work");

    const taken = Promise.all(taking);
    await Promise.race([taken, this.#beginDrainAt(signal)]); // it may fail
    await this.#drain(taken);
    await this.#hooks.idle();
  }

  #extend(): void {
    this.#held.extend();
    this.#wakeUps.extend();
  }

  /** In the very turn in which the signal aborts: no run goes on beyond the step it is in, however long the bus takes to end what is asked of it. */
  #beginDrainAt(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const begin = () => {
      this.#beginDrain();
      resolve();
    };
    if (signal.aborted) begin();
    else signal.addEventListener("abort", begin, { once: true });
    return promise;
  }

  #beginDrain(): void {
    this.#stopping.abort();
    this.#held.drain();
  }

  async #drain(taken: Promise<unknown>): Promise<void> {
    const { drainTimeoutMs = DRAIN_TIMEOUT_MS, logger } = this.#options;
    this.#beginDrain();
    const idle = taken.then(() => this.#whenIdle());
    await within(idle, drainTimeoutMs);
    if (this.#held.size === 0) return;
    logger.warn({ runs: this.#held.size, drain_timeout_ms: drainTimeoutMs }, "running steps are aborted and handed back");
    this.#held.abortForDrain();
    await within(idle, HURRIED_MS);
    this.#outOfTime.abort();
    await within(idle, HAND_BACK_MS - HURRIED_MS);
  }

  async #whenIdle(): Promise<void> {
    while (this.#held.size > 0 || this.#wakeUps.settling > 0 || this.#parkedRuns.size > 0 || this.#begunRuns.size > 0) {
      await this.#held.whenEnded();
      await pause(10);
    }
  }
}

/** Waits for `done`, at most `ms`; leaves no timer behind that would keep the process. */
async function within(done: Promise<void>, ms: number): Promise<void> {
  const enough = new AbortController();
  await Promise.race([done, pause(ms, enough.signal)]);
  enough.abort();
}

/** What all runs share, put together once. */
function toExecutionDeps(
  { store, bus, context, llm, clock, logger, observer, history = false }: EngineOptions,
  { owner, sentMarks, awaited, outOfTime }: Pick<ExecutionDeps, "owner" | "sentMarks" | "awaited" | "outOfTime">,
): ExecutionDeps {
  return {
    bus,
    runs: store.runs,
    subSteps: store.subSteps,
    checkpoints: store.checkpoints,
    eventWaits: store.eventWaits,
    children: store.children,
    catalogue: createCatalogue({ manifests: store.manifests, clock, logger }),
    context,
    llm,
    clock,
    logger,
    observer,
    owner,
    sentMarks,
    awaited,
    outOfTime,
    history,
  };
}

export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}
