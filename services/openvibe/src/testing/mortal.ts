import type { Bus, Delivery } from "@openvibe/bus";
import type { OpenedAdapters } from "@openvibe/composition";
import { OpenVibeError, WakeKind, type WakeUp } from "@openvibe/core";
import type { RunWrite, Store } from "@openvibe/store";

/** Store and bus as a process sees them that may be killed. Disposing lets what hangs in the dead one end. */
export interface Mortal extends Disposable {
  readonly adapters: OpenedAdapters;
}

export interface MortalOptions extends OpenedAdapters {
  /** Whether the process dies with this write, which is committed: before it learns of that. */
  readonly diesWith: (write: RunWrite) => boolean;
  readonly onDeath: () => void;
}

/**
 * A process that is killed is played: from then on nothing of it reaches store or bus, nor it them, and nobody beats for it. Its code goes on in our own
 * process until it next asks for something.
 */
export function mortal({ store, bus, diesWith, onDeath }: MortalOptions): Mortal {
  const death = new AbortController();
  const grave = Promise.withResolvers<never>();
  grave.promise.catch(() => {}); // nobody may wait in it
  const beats = new Set<AsyncDisposable>();
  const held = new Set<Delivery>();
  /** Of runs that began in its hands, without a delivery. */
  const begun: WakeUp[] = [];

  const die = async () => {
    if (death.signal.aborted) return;
    death.abort();
    await Promise.all([...beats].map((beat) => beat[Symbol.asyncDispose]()));
    // Queue and sweep would come to it by themselves, seconds later.
    for (const delivery of held) delivery.release(0);
    for (const wakeUp of begun) bus.queue.publish(wakeUp).catch(() => {});
    onDeath();
  };

  const cut = <T extends object>(noun: T): T => cutOff(noun, death.signal, grave.promise);
  const dying: Store = {
    ...store,
    runs: {
      ...store.runs,
      async insert(run) {
        const answer = await store.runs.insert(run);
        if (answer.inserted && run.claimedBy !== undefined) {
          const { operatorId, runId } = answer.run;
          begun.push({ operatorId, runId, kind: WakeKind.Start, wake: 0 });
        }
        return answer;
      },
      async write(write) {
        const verdict = await store.runs.write(write);
        if (verdict === "committed" && diesWith(write)) await die();
        return verdict;
      },
    },
    workers: {
      async beat(options) {
        const beat = await store.workers.beat(options);
        beats.add(beat);
        return beat;
      },
    },
  };
  return {
    adapters: {
      store: cut(dying),
      bus: {
        ...bus,
        queue: {
          publish: cut(bus.queue).publish,
          async *take(operatorId, slots, signal) {
            for await (const delivery of bus.queue.take(operatorId, slots, AbortSignal.any([signal, death.signal])))
              yield holding(delivery, held, death.signal);
          },
        },
        requests: {
          ask: cut(bus.requests).ask,
          answerForAll: cut(bus.requests).answerForAll, // a gateway's, never a worker's
          announce: cut(bus.requests).announce,
          async answer(operatorId, capability, answer) {
            const alive = (...given: Parameters<typeof answer>) => (death.signal.aborted ? grave.promise : answer(...given));
            const answering = await bus.requests.answer(operatorId, capability, alive);
            death.signal.addEventListener("abort", () => void answering[Symbol.asyncDispose]());
            return { [Symbol.asyncDispose]: async () => (death.signal.aborted ? undefined : await answering[Symbol.asyncDispose]()) };
          },
        },
        log: cut(bus.log),
        signals: cut(bus.signals),
        buckets: cut(bus.buckets),
      } satisfies Omit<Bus, never>,
    },
    [Symbol.dispose]() {
      grave.reject(new OpenVibeError("OV_SHUTTING_DOWN", "this worker was killed by its test"));
    },
  };
}

/** An own copy for the process: once it is dead its hands are empty. */
function holding(delivery: Delivery, held: Set<Delivery>, death: AbortSignal): Delivery {
  held.add(delivery);
  const settled = (settle: () => void) => {
    if (death.aborted) return;
    held.delete(delivery);
    settle();
  };
  return {
    wakeUp: delivery.wakeUp,
    extend: () => death.aborted || delivery.extend(),
    release: (delayMs) => settled(() => delivery.release(delayMs)),
    done: () => settled(() => delivery.done()),
  };
}

/** The same noun, and those in it and those its calls give; after the death nothing is called, and no answer comes any more. */
function cutOff<T extends object>(noun: T, death: AbortSignal, grave: Promise<never>): T {
  return new Proxy(noun, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member === "object" && member !== null) return cutOff(member, death, grave);
      if (typeof member !== "function") return member;
      return (...given: readonly unknown[]) => {
        if (death.aborted) return grave;
        const answer: unknown = Reflect.apply(member, target, given);
        if (answer instanceof Promise) return answer.then((value: unknown) => (death.aborted ? grave : value));
        return isNoun(answer) ? cutOff(answer, death, grave) : answer;
      };
    },
  });
}

/** A bucket is one; a reader's stream ends by itself. */
function isNoun(answer: unknown): answer is object {
  return typeof answer === "object" && answer !== null && !(Symbol.asyncIterator in answer);
}
