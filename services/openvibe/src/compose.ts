/** The all-in-one process: the services, composed. What each is made of lies in its own package; here they meet. */
import type { Bus } from "@openvibe/bus";
import {
  type Config,
  type Faults,
  hooksOf,
  limitStop,
  listen,
  type OpenedAdapters,
  openAdapters,
  openLlm,
  openOps,
  openPosted,
  openScheduler,
  targetsOf,
} from "@openvibe/composition";
import { createContext, type SharedContext } from "@openvibe/context";
import { type Clock, type Logger, OpenVibeError, type OperatorDefinition, systemClock } from "@openvibe/core";
import { createContextTeller, createEventReactor, createEventRelay, type EventReactorOptions } from "@openvibe/event-relay";
import { createGateway, proxyToRelay } from "@openvibe/gateway";
import { createAuth, createHttpServer } from "@openvibe/http";
import type { LlmProvider } from "@openvibe/llm";
import { type Acceptor, createAcceptor } from "@openvibe/runtime";
import { createScheduler, startSlotBy } from "@openvibe/scheduler-service";
import type { Store } from "@openvibe/store";
import { createMetrics } from "@openvibe/telemetry";
import { createWorker } from "@openvibe/worker";
import { beginRunning } from "./configure.ts";
import { type OpenHooks, openHooks } from "./open-hooks.ts";
import { ROLES, type Role } from "./roles.ts";

export interface ComposeOptions {
  readonly config: Config;
  readonly definitions: readonly OperatorDefinition[];
  /** All four by default. */
  readonly roles?: readonly Role[];
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Instead of the one the configuration names. */
  readonly llm?: LlmProvider;
  readonly faults?: Faults | undefined;
  /** Store and bus of the caller, who disposes of them, instead of those that the configuration names. */
  readonly adapters?: OpenedAdapters;
  /** Whether to listen for HTTP; `true` by default where a role needs it. */
  readonly listen?: boolean;
  /** By what another port is chosen, for the message when this one is taken; flag and variable by default. */
  readonly choosePort?: string;
}

/** A running composition. Disposing it drains: streams end, running steps finish, then the connections close. */
export interface Composed extends AsyncDisposable {
  /** `http://127.0.0.1:8000`, where it listens. */
  readonly url: string | undefined;
  readonly store: Store;
  readonly bus: Bus;
  readonly acceptor: Acceptor;
  readonly context: SharedContext;
  readonly hooks: OpenHooks;
  /** What is due or was lost is found now, not within a second; nothing where no scheduler runs here. */
  readonly sweep: () => Promise<void>;
  /** Resolves when what the log's events start and wake is started and woken; at once where no relay runs here. */
  readonly reacted: () => Promise<void>;
  /** Rejects when a role ends by itself, which it never should. */
  readonly failed: Promise<never>;
}

export async function compose(options: ComposeOptions): Promise<Composed> {
  const { config, logger, clock = systemClock, faults } = options;
  const roles = new Set<Role>(options.roles ?? ROLES);
  const stop = new AbortController();
  await using starting = new AsyncDisposableStack();
  starting.use(beginRunning());
  const open = () => openAdapters(config, { name: [...roles].join("+"), logger, ...(faults === undefined ? {} : { faults }) });
  const { store, bus } = options.adapters ?? (await open());
  if (options.adapters === undefined) {
    starting.use(store);
    starting.use(bus);
  }
  const hooks = starting.use(openHooks({ store, bus }, logger)); // ends behind whatever still runs, so that it is heard
  const metrics = createMetrics();
  const context = createContext(bus.buckets, clock);
  const { maxBacklog, eagerStart } = config;
  const acceptor = createAcceptor({ store, bus, clock, logger, maxBacklog, eagerStart, ...(faults === undefined ? {} : { faults }) });
  starting.use(acceptor);
  const ops = await openOps({
    config: options.listen === false ? { ops: undefined } : config,
    store,
    bus,
    metrics,
    logger,
    stopping: stop.signal,
  });
  starting.use(ops);

  const slots = roles.has("scheduler")
    ? starting.use(
        await openScheduler(config.scheduler ?? "none", { store, start: startSlotBy(acceptor), clock, logger, observer: metrics }),
      )
    : undefined;
  const running: Promise<void>[] = [];
  starting.defer(async () => {
    stop.abort();
    await Promise.allSettled(running);
  });
  if (roles.has("worker")) {
    const { slotsPerOperator, drainTimeoutMs, maxBlockedMs } = config;
    const llm = options.llm ?? (await openLlm(config, logger));
    const posted = await openPosted(config, process.cwd());
    const worker = createWorker({
      definitions: options.definitions,
      bus,
      store,
      context,
      llm,
      clock,
      logger,
      observer: metrics,
      form: config.graphForm,
      history: config.history ?? false,
      ...(posted === undefined ? {} : { posted }),
      ...(slotsPerOperator === undefined ? {} : { slotsPerOperator }),
      ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
      ...(maxBlockedMs === undefined ? {} : { maxBlockedMs }),
    });
    running.push((await started((onReady) => worker.run(stop.signal, onReady))).running);
  }
  let sweep = async () => {};
  if (slots !== undefined) {
    const scheduler = createScheduler({ store, bus, clock, logger, metrics, keepRunsMs: config.keepRunsMs, slots });
    running.push((await started((onReady) => scheduler.run(stop.signal, onReady))).running);
    sweep = () => scheduler.sweep();
  }

  let url: string | undefined;
  let hearing: Pick<EventReactorOptions, "listen"> = {};
  if (options.listen !== false && (roles.has("gateway") || roles.has("event-relay"))) {
    const app = createHttpServer({ logger, metrics, auth: createAuth({ keys: config.apiKeys }), ...config.http });
    await app.register(ops.routes);
    const targets = targetsOf(config);
    if (roles.has("gateway")) {
      const gateway = createGateway({ store, bus, acceptor, clock, logger, metrics, targets, hooks: hooksOf(config) });
      await app.register(gateway.plugin);
      starting.defer(() => gateway.close());
    }
    if (roles.has("event-relay")) {
      const relay = createEventRelay({ store, bus, clock, logger, metrics, targets, ...(faults === undefined ? {} : { faults }) });
      await relay.start();
      starting.use(relay);
      await app.register(relay.plugin);
      hearing = { listen: (hear) => relay.listen(hear) };
    } else if (config.relayUrl !== undefined) await app.register(proxyToRelay(config.relayUrl));
    starting.defer(() => app.close());
    url = await listen(app, config, options.choosePort);
  }
  let reacted = async () => {};
  if (roles.has("event-relay")) {
    const reactor = createEventReactor({ store, bus, acceptor, clock, logger, metrics, ...hearing });
    starting.use(reactor);
    await reactor.start();
    const contexts = createContextTeller({ store, bus, acceptor, clock, logger, metrics });
    starting.use(contexts);
    contexts.start();
    reacted = () => reactor.caughtUp();
  }
  ops.ready();
  const failed = failureOf(running, stop.signal);
  const stack = starting.move();
  const end = async () => {
    // Those of the caller are not ours to close.
    using _limit = options.adapters === undefined ? limitStop({ config, store, bus, logger, signal: stop.signal }) : undefined;
    stop.abort(); // worker and scheduler begin to drain in this turn, while the doors close
    await stack.disposeAsync();
  };
  let ending: Promise<void> | undefined;
  const dispose = () => {
    ending ??= end();
    return ending;
  };
  return { url, store, bus, acceptor, context, hooks, sweep, reacted, failed, [Symbol.asyncDispose]: dispose };
}

/** Runs a role and resolves when it is ready, to its end. */
async function started(run: (onReady: () => void) => Promise<void>): Promise<{ readonly running: Promise<void> }> {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const running = run(resolve);
  await Promise.race([ready, running]);
  return { running };
}

function failureOf(running: readonly Promise<void>[], stopped: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // whoever serves in the foreground listens; others need not
  for (const role of running) {
    role.then(
      () => stopped.aborted || reject(new OpenVibeError("OV_INTERNAL", "a role ended by itself")),
      (error: unknown) => stopped.aborted || reject(error as Error),
    );
  }
  return promise;
}
