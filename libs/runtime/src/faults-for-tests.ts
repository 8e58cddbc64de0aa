/** What can go wrong between the runtime and the real store and bus. */
import type { Bus, Delivery, EventLog } from "@openvibe/bus";
import { OpenVibeError } from "@openvibe/core";
import type { RunStore, RunWrite, Store } from "@openvibe/store";

type RunCall = keyof RunStore;
/** What a call was given; a write's members where it is one. */
type Given = RunWrite & { readonly runId: string; readonly owner: string };

export interface StoreFaultsForTests {
  /** Throws, or waits, instead of the call. */
  readonly before?: (name: RunCall, given: Given) => void | Promise<void>;
  /** The call has happened; what this throws takes its answer's place. */
  readonly after?: (name: RunCall, given: Given) => void | Promise<void>;
}

/** The same store, with what may happen around the calls of `runs`. */
export function withFaults<S extends Store>(store: S, { before, after }: StoreFaultsForTests): S {
  const around = (name: RunCall) => async (given: never) => {
    await before?.(name, given);
    const answer: unknown = await (store.runs[name] as (given: never) => Promise<unknown>)(given);
    await after?.(name, given);
    return answer;
  };
  const runs = Object.fromEntries((Object.keys(store.runs) as RunCall[]).map((name) => [name, around(name)]));
  return { ...store, runs: { ...store.runs, ...runs } };
}

export function storeIsAway(): never {
  throw new OpenVibeError("OV_STORE_UNAVAILABLE", "the store is away");
}

export function busIsAway(): never {
  throw new OpenVibeError("OV_BUS_UNAVAILABLE", "the bus is away");
}

/** The same bus with another event log, which still is the real one below. */
export function withLog(bus: Bus, change: Partial<Pick<EventLog, "append" | "lastOf">>): Bus {
  const { log } = bus;
  return {
    ...bus,
    log: {
      append: (event) => log.append(event),
      lastOf: (runId) => log.lastOf(runId),
      at: (position) => log.at(position),
      bounds: () => log.bounds(),
      read: (...args) => log.read(...args),
      listen: (hear) => log.listen(hear),
      ...change,
    },
  };
}

/** The same bus; tells how each delivery was settled. */
export function noting(bus: Bus, tell: (line: string) => void): Bus {
  return {
    ...bus,
    queue: {
      publish: (wakeUp) => bus.queue.publish(wakeUp),
      async *take(operatorId, slots, signal) {
        for await (const delivery of bus.queue.take(operatorId, slots, signal)) {
          const { wakeUp } = delivery;
          yield {
            wakeUp,
            extend: () => delivery.extend(),
            done() {
              tell(`${wakeUp.kind} ${wakeUp.wake} done`);
              delivery.done();
            },
            release(delayMs) {
              tell(`${wakeUp.kind} ${wakeUp.wake} back after ${delayMs}`);
              delivery.release(delayMs);
            },
          };
        }
      },
    },
  };
}

/** Disposing lets what hangs in the dead process end, so that the test's own process can. */
export interface Mortal extends Disposable {
  readonly store: Store;
  readonly bus: Bus;
  /** From now on nothing of this process reaches store or bus, nor it them; nobody beats for it. */
  kill(): Promise<void>;
}

/** Store and bus as one process sees them that may die. Its code goes on running, as it is in our process, but nothing of that is seen outside. */
export function mortal({ store, bus }: { readonly store: Store; readonly bus: Bus }): Mortal {
  const death = new AbortController();
  const grave = Promise.withResolvers<never>();
  grave.promise.catch(() => {});
  const beats: AsyncDisposable[] = [];
  const alive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (death.signal.aborted) return await grave.promise;
    const answer = await call();
    return death.signal.aborted ? await grave.promise : answer;
  };
  const held = ({ wakeUp, ...delivery }: Delivery): Delivery => ({
    wakeUp,
    extend: () => death.signal.aborted || delivery.extend(),
    release: (delayMs) => death.signal.aborted || delivery.release(delayMs),
    done: () => death.signal.aborted || delivery.done(),
  });
  const faulty = withFaults(store, { before: () => alive(async () => {}), after: () => alive(async () => {}) });
  const logged = withLog(bus, {
    append: (event) => alive(() => bus.log.append(event)),
    lastOf: (runId) => alive(() => bus.log.lastOf(runId)),
  });
  return {
    store: {
      ...faulty,
      subSteps: {
        of: (node) => alive(() => store.subSteps.of(node)),
        keep: (subStep) => alive(() => store.subSteps.keep(subStep)),
        forget: (run) => alive(() => store.subSteps.forget(run)),
      },
      checkpoints: {
        put: (...given) => alive(() => store.checkpoints.put(...given)),
        putWrites: (...given) => alive(() => store.checkpoints.putWrites(...given)),
        list: (...given) => alive(() => store.checkpoints.list(...given)),
        writes: (...given) => alive(() => store.checkpoints.writes(...given)),
        deleteThread: (...given) => alive(() => store.checkpoints.deleteThread(...given)),
      },
      workers: {
        async beat(options) {
          const beat = await store.workers.beat(options);
          beats.push(beat);
          return beat;
        },
      },
    },
    bus: {
      ...logged,
      queue: {
        publish: (wakeUp) => alive(() => bus.queue.publish(wakeUp)),
        async *take(operatorId, slots, signal) {
          for await (const delivery of bus.queue.take(operatorId, slots, AbortSignal.any([signal, death.signal]))) yield held(delivery);
        },
      },
      requests: {
        announce: (served) => alive(() => bus.requests.announce(served)),
        ask: (...asked) => alive(() => bus.requests.ask(...asked)),
        answerForAll: (capability, answer) => bus.requests.answerForAll(capability, answer), // a gateway's, which does not die here
        async answer(operatorId, capability, answer) {
          const answering = await bus.requests.answer(operatorId, capability, (request) => alive(() => answer(request)));
          death.signal.addEventListener("abort", () => void answering[Symbol.asyncDispose]());
          return { [Symbol.asyncDispose]: async () => void (await (death.signal.aborted || answering[Symbol.asyncDispose]())) };
        },
      },
    },
    async kill() {
      death.abort();
      await Promise.all(beats.map((beat) => beat[Symbol.asyncDispose]()));
    },
    [Symbol.dispose]() {
      death.abort();
      grave.reject(new OpenVibeError("OV_SHUTTING_DOWN", "this process is dead"));
    },
  };
}
