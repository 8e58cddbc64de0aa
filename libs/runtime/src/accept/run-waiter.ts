import type { Signals } from "@openvibe/bus";
import { isFinal, type JsonObject, type Logger, type Run, type RunId, SlabMap } from "@openvibe/core";
import type { RunStore } from "@openvibe/store";
import { asToldEnded } from "../told-end.ts";

/** A signal may be lost: the store is read this often besides. */
const READ_EVERY_MS = 1_000;
/** How long the first waiter waits for the listener; without it, reading finds the end. */
const LISTEN_WAIT_MS = 100;

export interface WaitOptions {
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /**
   * The run as this very caller inserted it, and what `listen` gave before: then the first look into the store can be spared, and the last one where the signal
   * tells the end.
   */
  readonly inserted?: { readonly run: Run; readonly listeningSince: Listening };
}

/** How many signals had come that nobody waited for. */
export type Listening = number & { readonly listening: unique symbol };

/** Of those nobody waited for so many are remembered: some milliseconds' worth, which is what lies between a run's insert and the wait for it. */
const REMEMBERED = 256;

/**
 * Waits for runs to end. All waits of a process share one listener on `control.wake` of all runs, begun with the first wait: a wait then costs a
 * map entry and one read of the finished run. (A listener per wait costs two messages and a round trip to the broker each, and makes every broker of a
 * cluster learn and forget an interest per request; the price of the shared one is a message of some 100 bytes for each run that ends elsewhere.)
 */
export interface RunWaiter extends Disposable {
  /** Makes sure that signals are heard, as far as that can be had at once; `undefined` when it cannot. Never throws. */
  listen(): Promise<Listening | undefined>;
  /** Gives the run when it ended, or as it is when time is up or `signal` aborts; `undefined` when there is no such run. @throws OpenVibeError OV_STORE_UNAVAILABLE */
  wait(runId: RunId, options: WaitOptions): Promise<Run | undefined>;
}

export function createRunWaiter(deps: {
  readonly runs: Pick<RunStore, "find">;
  readonly signals: Signals;
  readonly logger: Logger;
}): RunWaiter {
  const waiting = new SlabMap<Set<(told: JsonObject) => void>>();
  let listener: Promise<Disposable | undefined> | undefined;
  let hears = false;
  const missed: RunId[] = [];
  let missedCount = 0;

  const hear = (runId: RunId, told: JsonObject) => {
    const ofRun = waiting.get(runId);
    if (ofRun === undefined) missed[missedCount++ % REMEMBERED] = runId;
    else for (const look of ofRun) look(told);
  };
  /** Whether a signal of the run may have come since, before anybody waited for it. */
  const mayHaveMissed = (runId: RunId, since: Listening): boolean => {
    if (missedCount - since > REMEMBERED) return true;
    for (let index = since; index < missedCount; index++) if (missed[index % REMEMBERED] === runId) return true;
    return false;
  };

  const begin = async (): Promise<Disposable | undefined> => {
    try {
      const listening = await deps.signals.onControl({ verb: "wake" }, ({ runId, body }) => hear(runId, body));
      hears = true;
      return listening;
    } catch (err) {
      deps.logger.debug({ err }, "ends of runs are found by reading: signals cannot be heard");
      listener = undefined; // the next wait tries again
      return undefined;
    }
  };
  const listen = async (): Promise<Listening | undefined> => {
    if (!hears) {
      listener ??= begin();
      await settledWithin(listener, LISTEN_WAIT_MS);
    }
    return hears ? (missedCount as Listening) : undefined;
  };

  return {
    listen,
    async wait(runId, { timeoutMs, signal, inserted }) {
      await listen();
      const end = Promise.withResolvers<Run | undefined>();
      let reading = false;
      let again = false;
      let final = false;
      const look = async (): Promise<void> => {
        if (reading) {
          again = true; // what is being read may be older than the signal
          return;
        }
        reading = true;
        try {
          do {
            again = false;
            const run = await deps.runs.find(runId);
            if (!final && (run === undefined || isFinal(run.status))) end.resolve(run);
          } while (again);
        } finally {
          reading = false;
        }
      };
      const tryLook = () =>
        void look().catch((err) => deps.logger.debug({ run_id: runId, err }, "a run could not be read; looked at again"));
      const hearEnd = (told: JsonObject) => {
        const ended = inserted === undefined ? undefined : asToldEnded(inserted.run, told);
        if (ended === undefined) tryLook();
        else end.resolve(ended);
      };
      const giveUp = () => {
        final = true;
        deps.runs.find(runId).then(end.resolve, end.reject);
      };
      const ofRun = waiting.get(runId) ?? new Set();
      waiting.set(runId, ofRun.add(hearEnd));
      const interval = setInterval(tryLook, READ_EVERY_MS);
      const timer = setTimeout(giveUp, timeoutMs);
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        if (signal.aborted) giveUp();
        else if (inserted === undefined || mayHaveMissed(runId, inserted.listeningSince)) tryLook();
        return await end.promise;
      } finally {
        clearInterval(interval);
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        ofRun.delete(hearEnd);
        if (ofRun.size === 0) waiting.delete(runId);
      }
    },
    [Symbol.dispose]() {
      hears = false;
      void listener?.then((listening) => listening?.[Symbol.dispose]());
    },
  };
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<void> {
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, enough]);
  clearTimeout(timer);
}
