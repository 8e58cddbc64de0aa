/** What a worker process does: takes wake-ups, claims their runs, has them executed, answers requests, drains. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Bus, Delivery } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import {
  type Clock,
  type JsonObject,
  type Logger,
  newInstanceId,
  type OperatorDefinition,
  type OperatorId,
  type OwnerId,
  settle,
  type WakeUp,
} from "@openvibe/core";
import { type GraphForm, outsideOfGraphs } from "@openvibe/graph";
import type { LlmProvider } from "@openvibe/llm";
import type { ClaimedRun, ClaimResult, Store } from "@openvibe/store";
import { createCatalogue } from "./accept/catalogue.ts";
import { answerRequest } from "./answers.ts";
import { AskingSlot } from "./asking-slot.ts";
import { type ExecutionDeps, RunExecution } from "./execution.ts";
import type { ExecutionEnd } from "./leave-graph.ts";
import { runFields } from "./log-fields.ts";
import type { RuntimeObserver } from "./observer.ts";
import { OperatorHooks } from "./operator-hooks.ts";
import { type Entry, Parking } from "./parking.ts";
import { patiently, pause } from "./patience.ts";
import { followPosted, type PostedOptions } from "./posted-operators.ts";
import { publishOutbox } from "./publish-outbox.ts";
import { keepRegistered, type Registered } from "./registry.ts";
import { asBegun, overrideWorkflow } from "./rerun.ts";
import { SentMarks } from "./sent-marks.ts";
import { type ServedOperator, type ServedWorkflow, serveOperator } from "./served-operator.ts";
import { SlotCounter } from "./slots.ts";
import { startedEvent } from "./started-event.ts";
import { UnknownRuns } from "./unknown-runs.ts";

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
/** How often a worker looks for parked runs that its version fits. */
const PARKED_LOOK_MS = 2_000;
const UNKNOWN_RUN_DELAY_MS = 60_000;
/** Until a wake-up of a run that was unknown must have come again. */
const UNKNOWN_RUN_KEEP_MS = 600_000;
/** After the drain's timeout, aborted steps get this long to hand their runs back. */
const HAND_BACK_MS = 5_000;

interface Held {
  readonly execution: RunExecution;
  /** All copies of the wake-up that we hold; ended together. */
  readonly handles: Delivery[];
  readonly wake: number;
  readonly ended: Promise<void>;
}

/** An operator in service: what it holds, and how its taking ends. */
interface Service {
  readonly stop: AbortController;
  readonly taking: Promise<void>;
  readonly held: AsyncDisposable;
}

interface Holding {
  readonly claimed: ClaimedRun;
  readonly workflow: ServedWorkflow;
  readonly handles: Delivery[];
  readonly slots: SlotCounter;
}

export class Engine {
  readonly owner: OwnerId = newInstanceId("worker");
  readonly #options: EngineOptions;
  /** Changes only where operators are posted. */
  readonly #operators: Map<OperatorId, ServedOperator>;
  readonly #slots = new Map<OperatorId, SlotCounter>();
  readonly #running = new Map<string, Held>();
  /** Deliveries whose claim is still open: extended like the others. */
  readonly #settling = new Set<Delivery>();
  /** Runs that were parked, from before their claim to their end. */
  readonly #unparked = new Set<string>();
  readonly #unknownRuns: UnknownRuns;
  /** Work of ours must not begin inside the async context of a node that caused it, nor of one that made this engine: LangGraph would nest the graphs. */
  readonly #outside = outsideOfGraphs(() => AsyncLocalStorage.snapshot());
  readonly #stopping = new AbortController();
  readonly #sentMarks: SentMarks;
  readonly #executionDeps: ExecutionDeps;
  readonly #parking: Parking;
  readonly #hooks: OperatorHooks;
  #outages = 0;

  /** Compiles everything. @throws OpenVibeError OV_DEFINITION_INVALID */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.#sentMarks = new SentMarks(options.store.runs);
    const { store, bus, context, llm, clock, logger, observer, history = false } = options;
    this.#executionDeps = {
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
      owner: this.owner,
      sentMarks: this.#sentMarks,
      history,
    };
    this.#parking = new Parking({ store, clock, logger, owner: this.owner, signal: this.#stopping.signal });
    this.#hooks = new OperatorHooks({ logger, outside: (call) => this.#outside(call) });
    this.#unknownRuns = new UnknownRuns(options.clock, UNKNOWN_RUN_KEEP_MS);
    this.#operators = new Map(
      options.definitions.map((definition) => [definition.manifest.id, serveOperator(definition, options.form ?? "segments")]),
    );
    for (const id of this.#operators.keys()) this.#slotsOf(id);
  }

  /**
   * Serves until `signal` aborts, then drains: takes nothing new, finishes the running steps within `drainTimeoutMs` or aborts them, releases the runs,
   * gives their wake-ups back. `onReady` is called when all operators take work.
   */
  async run(signal: AbortSignal, onReady?: () => void): Promise<void> {
    const { bus, store, logger, maxBlockedMs } = this.#options;
    await using cleanup = new AsyncDisposableStack();
    const beat = await patiently(
      () => store.workers.beat({ owner: this.owner, logger, ...(maxBlockedMs === undefined ? {} : { maxBlockedMs }) }),
      { signal },
    );
    cleanup.use(beat); // the beat ends last: until then the runs are ours
    cleanup.use(this.#sentMarks);
    const extending = setInterval(() => this.#extend(), EXTEND_EVERY_MS);
    cleanup.defer(() => clearInterval(extending));

    for (const { definition } of this.#operators.values()) {
      await patiently(() => store.manifests.register(definition.manifest, definition.version), { signal });
      cleanup.use(await this.#prepare(definition.manifest.id, signal));
    }
    const taking = [...this.#operators.keys()].map((id) => this.#take(id, signal));
    taking.push(this.#takeParked(signal));
    for (const operator of this.#operators.values()) for (const answering of await this.#answer(operator, signal)) cleanup.use(answering);
    const registered = keepRegistered({
      bus,
      clock: this.#options.clock,
      instance: this.owner,
      operators: () => [...this.#operators.values()].map(({ definition }) => definition),
      handlers: this.#options.posted?.handlers ?? [],
    });
    cleanup.use(registered);
    if (this.#options.posted !== undefined) taking.push(this.#follow(this.#options.posted, registered, cleanup, signal));
    onReady?.();
    logger.info({ owner: this.owner, operators: [...this.#operators.keys()] }, "worker takes work");

    await Promise.all(taking);
    await this.#drain();
    await this.#hooks.idle();
  }

  async #prepare(operatorId: OperatorId, signal: AbortSignal): Promise<AsyncDisposable | Disposable> {
    const { bus } = this.#options;
    await patiently(() => bus.prepareOperator(operatorId), { signal });
    return await patiently(() => bus.signals.onControl({ operatorId, verb: "cancel" }, ({ runId }) => void this.#cancel(runId)), {
      signal,
    });
  }

  /** Serves what is posted, beside the operators of code. A run in hand goes on with the version that it was claimed with. */
  async #follow(posted: PostedOptions, registered: Registered, cleanup: AsyncDisposableStack, signal: AbortSignal): Promise<void> {
    const ours = new Set(this.#operators.keys());
    const services = new Map<OperatorId, Service>();
    cleanup.defer(async () => {
      for (const { held } of services.values()) await held[Symbol.asyncDispose]();
    });
    const end = async (service: Service | undefined) => {
      service?.stop.abort();
      await service?.taking;
      await service?.held[Symbol.asyncDispose]();
    };
    await followPosted(
      posted,
      {
        manifests: this.#options.store.manifests,
        logger: this.#options.logger,
        isOurs: (operatorId) => ours.has(operatorId),
        begin: async (definition) => {
          const { id } = definition.manifest;
          const before = services.get(id);
          services.set(id, await this.#begin(serveOperator(definition, this.#options.form ?? "segments"), signal));
          await end(before);
          registered.tell();
        },
        end: async (operatorId) => {
          const service = services.get(operatorId);
          services.delete(operatorId);
          this.#operators.delete(operatorId);
          await end(service);
          await registered.forget(operatorId).catch(() => {}); // gone by itself after a while
        },
      },
      signal,
    );
    await Promise.all([...services.values()].map(({ taking }) => taking));
  }

  async #begin(operator: ServedOperator, signal: AbortSignal): Promise<Service> {
    const { id } = operator.definition.manifest;
    await using starting = new AsyncDisposableStack();
    starting.use(await this.#prepare(id, signal));
    for (const answering of await this.#answer(operator, signal)) starting.use(answering);
    signal.throwIfAborted(); // nobody would end it any more
    this.#operators.set(id, operator);
    const stop = new AbortController();
    return { stop, taking: this.#take(id, AbortSignal.any([signal, stop.signal])), held: starting.move() };
  }

  /** A signal is only a hint, and anybody may give one: the row says whether a cancel was asked for. Without an answer the next write finds out. */
  async #cancel(runId: string): Promise<void> {
    if (!this.#running.has(runId)) return;
    const run = await this.#options.store.runs.find(runId).catch(() => undefined);
    if (run?.cancelRequested === true) this.#running.get(runId)?.execution.interruption.cancel();
  }

  async #take(operatorId: OperatorId, signal: AbortSignal): Promise<void> {
    for await (const delivery of this.#options.bus.queue.take(operatorId, this.#slotsOf(operatorId), signal)) {
      if (signal.aborted) delivery.release(0);
      else this.#outside(() => void this.#handle(delivery));
    }
  }

  /** Takes parked runs that a version served here fits, and for which no message comes: at once after the start, then every two seconds. */
  async #takeParked(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await pause(PARKED_LOOK_MS, signal)) {
      for (const operator of this.#operators.values()) {
        await this.#takeFitting(operator, signal).catch((err) => this.#options.logger.debug({ err }, "parked runs could not be looked at"));
      }
    }
  }

  async #takeFitting(operator: ServedOperator, signal: AbortSignal): Promise<void> {
    const slots = this.#slotsOf(operator.definition.manifest.id);
    for (const { runId, wake } of await this.#parking.findFitting(operator)) {
      if (signal.aborted || slots.free === 0) return;
      slots.acquire();
      this.#unparked.add(runId);
      const ended = this.#takeParkedRun(runId, wake).finally(() => {
        this.#unparked.delete(runId);
        slots.release();
      });
      ended.catch((err) => this.#options.logger.warn({ run_id: runId, err }, "a parked run could not be taken"));
    }
  }

  /** Without a message: given back, it needs a new one; when this process dies, the sweep says that the run is there. */
  async #takeParkedRun(runId: string, wake: number): Promise<void> {
    const { bus, store, clock } = this.#options;
    const { claimed } = await store.runs.claim({ runId, wake, owner: this.owner, started: startedEvent(clock) });
    if (claimed === undefined) return;
    const end = await this.#execute(claimed, []);
    const wakeUp = { operatorId: claimed.run.operatorId, runId, kind: claimed.wakeKind, wake };
    if (end === "released") await bus.queue.publish(wakeUp);
  }

  #slotsOf(operatorId: OperatorId): SlotCounter {
    const known = this.#slots.get(operatorId);
    if (known !== undefined) return known;
    const slots = new SlotCounter(this.#options.slotsPerOperator ?? 128);
    slots.pause(this.#outages > 0);
    this.#slots.set(operatorId, slots);
    return slots;
  }

  /** Settles one delivery (DESIGN §6 rule 3). Never throws. */
  async #handle(delivery: Delivery): Promise<void> {
    const { wakeUp } = delivery;
    const held = this.#running.get(wakeUp.runId);
    if (held !== undefined) {
      this.#options.observer.activationRedelivered(wakeUp.operatorId);
      if (held.wake === wakeUp.wake) {
        held.handles.push(delivery);
        return;
      }
      await held.ended;
    }
    const slots = this.#slotsOf(wakeUp.operatorId);
    slots.acquire();
    this.#settling.add(delivery);
    try {
      const result = await this.#claim(wakeUp);
      if (this.#stopping.signal.aborted && result.claimed !== undefined) await this.#giveBack(result.claimed, [delivery]);
      else if (result.claimed !== undefined) await this.#execute(result.claimed, [delivery]);
      else await this.#settleRefused(delivery, result);
    } catch (error) {
      this.#options.logger.error({ run_id: wakeUp.runId, operator_id: wakeUp.operatorId, err: error }, "a wake-up could not be settled");
      delivery.release(1_000);
    } finally {
      this.#settling.delete(delivery);
      slots.release();
    }
  }

  /** While the store is away the message is held, and nothing new is taken. */
  async #claim({ runId, wake }: WakeUp): Promise<ClaimResult> {
    let paused = false;
    try {
      return await patiently(
        () => this.#options.store.runs.claim({ runId, wake, owner: this.owner, started: startedEvent(this.#options.clock) }),
        {
          signal: this.#stopping.signal,
          onOutage: () => {
            if (!paused) this.#pauseAll(1);
            paused = true;
          },
        },
      );
    } finally {
      if (paused) this.#pauseAll(-1);
    }
  }

  #pauseAll(change: 1 | -1): void {
    this.#outages += change;
    for (const slots of this.#slots.values()) slots.pause(this.#outages > 0);
  }

  async #settleRefused(delivery: Delivery, { row }: Extract<ClaimResult, { claimed: undefined }>): Promise<void> {
    const { bus, store, observer } = this.#options;
    const { wakeUp } = delivery;
    const settlement = settle(wakeUp, row, { me: this.owner, runningHere: this.#running.has(wakeUp.runId) });
    if (settlement.do !== "dead_letter") observer.activationRedelivered(wakeUp.operatorId);
    switch (settlement.do) {
      case "dead_letter": {
        if (settlement.reason === "unknown_run" && this.#unknownRuns.meet(wakeUp.runId) === "first") {
          delivery.release(UNKNOWN_RUN_DELAY_MS);
          return;
        }
        observer.deadLettered(settlement.reason);
        await bus.signals.deadLetter({ operatorId: wakeUp.operatorId, reason: settlement.reason, body: toLetter(wakeUp) });
        delivery.done();
        return;
      }
      case "publish_unsent": {
        const found = await store.runs.findOutbox(wakeUp.runId);
        if (found !== undefined) await publishOutbox({ bus, store, observer, clock: this.#options.clock }, found.run, found.outbox);
        delivery.done();
        return;
      }
      case "put_back":
        delivery.release(settlement.delayMs);
        return;
      case "claim": // the row changed between the refused claim and this look
      case "hold":
        delivery.release(0);
        return;
      case "drop":
        delivery.done();
        return;
      default:
        settlement satisfies never;
    }
  }

  /** `parked`: no version here fits. */
  async #execute(claimed: ClaimedRun, handles: Delivery[]): Promise<ExecutionEnd | "parked"> {
    const { operatorId, workflowId } = claimed.run;
    const operator = this.#operators.get(operatorId);
    const entry: Entry =
      operator === undefined || this.#parking.isOwn(claimed.run, operator)
        ? { run: claimed }
        : await this.#parking.enter(claimed, operator);
    if (entry === "parked") {
      for (const handle of handles) handle.done();
      return entry;
    }
    if (entry === "lost") return await this.#giveBack(claimed, handles, 1_000);
    const workflow = operator?.workflows.get(workflowId);
    if (workflow === undefined) {
      this.#options.logger.error(runFields(claimed.run), "this worker has no such workflow");
      return await this.#giveBack(claimed, handles, UNKNOWN_RUN_DELAY_MS);
    }
    const end = await this.#runHeld({ claimed: entry.run, workflow, handles, slots: this.#slotsOf(operatorId) });
    for (const handle of handles) {
      if (end === "released") handle.release(0);
      else if (end === "lost") handle.release(1_000);
      else handle.done();
    }
    return end;
  }

  async #giveBack({ run }: ClaimedRun, handles: readonly Delivery[], delayMs = 0): Promise<"lost"> {
    await this.#options.store.runs.release({ runId: run.runId, attempt: run.attempt, owner: this.owner });
    for (const handle of handles) handle.release(delayMs);
    return "lost";
  }

  /** `slots` are those that the run counts in: the operator's own, or those of its requests. */
  async #runHeld({ claimed: given, workflow: served, handles, slots }: Holding) {
    const { overrides } = given;
    const operator = this.#operators.get(given.run.operatorId);
    const claimed = overrides === undefined ? given : { ...given, ...asBegun(given) };
    const workflow = overrides === undefined ? served : overrideWorkflow(served, overrides);
    const { observer } = this.#options;
    const slot = new AskingSlot(slots);
    const whileAsking = <T>(asking: Promise<T>) => slot.whileAsking(asking);
    const tellHooks = operator === undefined ? undefined : this.#hooks.tellerOf(operator.definition);
    const execution = new RunExecution(this.#executionDeps, { claimed, workflow, whileAsking, tellHooks });
    const running = execution.run();
    const ended = running.then(() => {});
    this.#running.set(claimed.run.runId, { execution, handles, wake: claimed.run.wake, ended });
    if (this.#stopping.signal.aborted) execution.interruption.drain();
    observer.activationsInflight(1);
    try {
      return await running;
    } finally {
      slot.close();
      this.#running.delete(claimed.run.runId);
      observer.activationsInflight(-1);
    }
  }

  async #answer(operator: ServedOperator, signal: AbortSignal): Promise<AsyncDisposable[]> {
    const { bus, store, clock, requestSlots = 32 } = this.#options;
    const slots = new SlotCounter(requestSlots);
    const execute = async (claimed: ClaimedRun, workflow: ServedWorkflow) => {
      await this.#runHeld({ claimed, workflow, handles: [], slots });
    };
    const deps = { runs: store.runs, queue: bus.queue, clock, owner: this.owner, slots, stopping: this.#stopping.signal, execute };
    const { manifest, answers } = operator.definition;
    return await Promise.all(
      [...answers].map(([capability, code]) =>
        patiently(
          () =>
            bus.requests.answer(manifest.id, capability, (request) =>
              this.#outside(() => answerRequest(deps, operator, capability, code, request)),
            ),
          { signal },
        ),
      ),
    );
  }

  #extend(): void {
    for (const { handles } of this.#running.values()) for (const handle of handles) handle.extend();
    for (const delivery of this.#settling) delivery.extend();
  }

  async #drain(): Promise<void> {
    const { drainTimeoutMs = 25_000, logger } = this.#options;
    this.#stopping.abort();
    for (const { execution } of this.#running.values()) execution.interruption.drain();
    const idle = this.#whenIdle();
    await within(idle, drainTimeoutMs);
    if (this.#running.size === 0) return;
    logger.warn({ runs: this.#running.size, drain_timeout_ms: drainTimeoutMs }, "running steps are aborted and handed back");
    for (const { execution } of this.#running.values()) execution.interruption.abortForDrain();
    await within(idle, HAND_BACK_MS);
  }

  async #whenIdle(): Promise<void> {
    while (this.#running.size > 0 || this.#settling.size > 0 || this.#unparked.size > 0) {
      await Promise.all([...this.#running.values()].map(({ ended }) => ended));
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

export function createEngine(options: EngineOptions): Engine {
  return new Engine(options);
}

function toLetter({ operatorId, runId, kind, wake }: WakeUp): JsonObject {
  return { operator_id: operatorId, run_id: runId, kind, wake };
}
