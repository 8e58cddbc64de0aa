import type { Bus } from "@openvibe/bus";
import {
  type Clock,
  isOpenVibeError,
  type Logger,
  newInstanceId,
  type Outbox,
  type PendingEvent,
  type Run,
  type RunError,
  toIso,
} from "@openvibe/core";
import { patiently, pause, publishOutbox, type RuntimeObserver, runFields, toRunEnd } from "@openvibe/runtime";
import type { Scheduler as SlotScheduler } from "@openvibe/scheduler";
import { type DueKind, type Store, SWEEP_LIMIT } from "@openvibe/store";

export interface SchedulerOptions {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Pick<RuntimeObserver, "runEnded">;
  /** How long ended runs are kept, in milliseconds; 30 days by default. `Infinity`: nothing is purged. */
  readonly keepRunsMs?: number;
  /** What starts runs by the clock; nothing does when absent. */
  readonly slots?: SlotScheduler;
}

export interface Scheduler {
  /** Sweeps every second, and looks which slots are due, until `signal` aborts. Any number of replicas may run. */
  run(signal: AbortSignal, onReady?: () => void): Promise<void>;
  /** One sweep at once, besides those. @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE, OV_BUS_FULL */
  sweep(): Promise<void>;
}

const SWEEP_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 1_000;
const UNSENT_AFTER_MS = 5_000;
const PURGE_EVERY_MS = 60_000;
/** Of the time between two sweeps: purging must keep up with what is accepted, and sweeping must not wait for it. */
const PURGE_FOR_MS = 300;
const PURGE_LIMIT = 200;
const KEEP_RUNS_MS = 30 * 86_400_000;

/** The sweep (DESIGN §6 rule 6), retention, and slots: what was lost between store and bus is said again, and what is due by the clock is started. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, bus, clock, logger, metrics, keepRunsMs = KEEP_RUNS_MS, slots } = options;
  const sweeper = newInstanceId("scheduler");

  const publish = async (found: readonly { readonly run: Run; readonly outbox: Outbox }[]) => {
    for (const { run, outbox } of found) {
      try {
        await publishOutbox({ bus, store, clock, observer: metrics }, run, outbox);
      } catch (error) {
        if (isOutage(error)) throw error;
        // One run's events must not hold back those of the others.
        logger.warn({ ...runFields(run), err: error }, "the events of a run cannot be published");
      }
    }
  };
  const count = (ended: readonly { readonly run: Run }[]) => {
    for (const { run } of ended) {
      const end = toRunEnd(run);
      if (end !== undefined) metrics?.runEnded(end);
    }
  };
  const sayAgain = async (everything: boolean) => {
    for (;;) {
      const stuck = await store.sweep.findStuck({ sweeper, limit: SWEEP_LIMIT, everything });
      if (stuck.length > 0) logger.info({ wake_ups: stuck.length }, "wake-ups are published again");
      await Promise.all(stuck.map((wakeUp) => bus.queue.publish(wakeUp)));
      if (!everything || stuck.length < SWEEP_LIMIT) return;
    }
  };
  const sweepOnce = async (everything: boolean) => {
    // First what needs the store alone: an outage of the bus does not keep it from being done.
    const cancelled = await store.sweep.cancelOrphans({ sweeper, limit: SWEEP_LIMIT, event: () => cancelledEvent(clock) });
    count(cancelled);
    const timedOut = await store.sweep.timeOutOverdue({ sweeper, limit: SWEEP_LIMIT, error: OVERDUE, event: () => timedOutEvent(clock) });
    count(timedOut);
    // Events before wake-ups: after a restart nobody has claimed a run yet, so that nobody publishes the same events meanwhile.
    await publish(await store.sweep.findUnsent({ olderThanMs: everything ? 0 : UNSENT_AFTER_MS, limit: SWEEP_LIMIT }));
    const due = await store.sweep.wakeDue({ limit: SWEEP_LIMIT, event: (kind) => resumedEvent(clock, kind) });
    await Promise.all(due.map((wakeUp) => bus.queue.publish(wakeUp)));
    await sayAgain(everything);
    await publish(cancelled);
    await publish(timedOut);
  };

  /** Batch by batch, so that no statement holds many rows and the writes of runs come between. Gives whether there is more: at the next sweep. */
  const purgeSome = async (): Promise<boolean> => {
    const until = performance.now() + PURGE_FOR_MS;
    while (performance.now() < until) if ((await store.sweep.purge({ keepMs: keepRunsMs, limit: PURGE_LIMIT })) < PURGE_LIMIT) return false;
    return true;
  };

  /** Beside the sweep, so that neither waits for the other: a start needs the store alone, whatever the bus does. */
  const keepLooking = async (look: () => Promise<void>, signal: AbortSignal) => {
    let quiet = false;
    while (!signal.aborted) {
      try {
        await look();
        quiet = false;
      } catch (error) {
        const outage = isOutage(error);
        if (!outage || !quiet) logger.warn({ err: error }, "slots could not be looked at; it is tried again in a second");
        quiet = outage;
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  };

  return {
    sweep: () => sweepOnce(false),
    async run(signal, onReady) {
      await using cleanup = new AsyncDisposableStack();
      cleanup.use(await patiently(() => store.workers.beat({ owner: sweeper, logger }), { signal }));
      let looking: Promise<void> | undefined;
      cleanup.defer(async () => await looking);
      let everything = store.exclusive; // a store held alone: whoever owned a run before this start is dead
      let ready = false;
      let purgeAt = keepRunsMs === Number.POSITIVE_INFINITY ? keepRunsMs : clock.now();
      let quiet = false;
      while (!signal.aborted) {
        try {
          await sweepOnce(everything);
          everything = false;
          quiet = false;
          if (clock.now() >= purgeAt) purgeAt = clock.now() + ((await purgeSome()) ? 0 : PURGE_EVERY_MS);
        } catch (error) {
          const outage = isOutage(error);
          if (!outage || !quiet) logger.warn({ err: error }, "a sweep failed; it is tried again in a second");
          quiet = outage;
        }
        // Only after the first sweep: a run accepted during it could have its first event published twice.
        if (!ready) {
          onReady?.();
          looking = slots && keepLooking(() => slots.look(), signal);
        }
        ready = true;
        await pause(SWEEP_EVERY_MS, signal);
      }
    },
  };
}

function isOutage(error: unknown): boolean {
  return isOpenVibeError(error, "OV_STORE_UNAVAILABLE", "OV_BUS_UNAVAILABLE", "OV_BUS_FULL");
}

function resumedEvent(clock: Clock, kind: DueKind): PendingEvent {
  return { type: "run.resumed", time: toIso(clock.now()), data: { kind } };
}

const OVERDUE: RunError = { code: "OV_RUN_TIMEOUT", message: "the run had not ended by its deadline; no worker held it then" };

function timedOutEvent(clock: Clock): PendingEvent {
  return { type: "run.timed_out", time: toIso(clock.now()), data: { status: "timed_out", error: { ...OVERDUE } } };
}

function cancelledEvent(clock: Clock): PendingEvent {
  return { type: "run.cancelled", time: toIso(clock.now()), data: { status: "cancelled" } };
}
