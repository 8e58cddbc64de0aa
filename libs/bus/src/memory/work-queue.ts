import type { OperatorId, WakeUp } from "@openvibe/core";
import { Fifo } from "../fifo.ts";
import type { Delivery, Slots, WorkQueue } from "../work-queue.ts";
import { assertOpen } from "./open.ts";

/** A wake-up in the queue. `grip` counts its deliveries: an older delivery cannot extend or release what a newer one holds. */
interface Entry {
  readonly wakeUp: WakeUp;
  readonly key: string;
  readonly lane: Lane;
  state: "ready" | "held" | "delayed" | "done";
  grip: number;
  timer: NodeJS.Timeout | undefined;
}

/** The wake-ups of one operator. */
interface Lane {
  readonly entries: Map<string, Entry>;
  readonly ready: Fifo<Entry>;
  /** Takers that wait for something to be ready. */
  readonly waiting: Set<() => void>;
}

export interface MemoryQueueOptions {
  readonly holdMs: number;
  readonly closing: AbortSignal;
}

/** Wake-ups in the process's memory: gone with it, and published again by the sweep from the store. */
export class MemoryWorkQueue implements WorkQueue {
  readonly #lanes = new Map<OperatorId, Lane>();
  readonly #holdMs: number;
  readonly #closing: AbortSignal;

  constructor({ holdMs, closing }: MemoryQueueOptions) {
    this.#holdMs = holdMs;
    this.#closing = closing;
    closing.addEventListener("abort", () => this.#clear(), { once: true });
  }

  async publish(wakeUp: WakeUp): Promise<"stored" | "already_there"> {
    assertOpen(this.#closing);
    const lane = this.#lane(wakeUp.operatorId);
    const key = `${wakeUp.kind}.${wakeUp.runId}.${wakeUp.wake}`;
    if (lane.entries.has(key)) return "already_there";
    const { operatorId, runId, kind, wake } = wakeUp;
    const entry: Entry = { wakeUp: { operatorId, runId, kind, wake }, key, lane, state: "delayed", grip: 0, timer: undefined };
    lane.entries.set(key, entry);
    makeReady(entry);
    return "stored";
  }

  async *take(operatorId: OperatorId, slots: Slots, signal: AbortSignal): AsyncGenerator<Delivery, void, void> {
    const lane = this.#lane(operatorId);
    const end = AbortSignal.any([signal, this.#closing]);
    while (!end.aborted) {
      if (slots.free <= 0) {
        await whenFree(slots, end);
        continue;
      }
      const entry = lane.ready.shift();
      if (entry === undefined) await somethingReady(lane, end);
      else if (entry.state === "ready") yield this.#deliver(entry);
    }
  }

  #deliver(entry: Entry): Delivery {
    entry.state = "held";
    const grip = ++entry.grip;
    const mine = () => entry.grip === grip && entry.state === "held";
    entry.timer = setTimeout(() => makeReady(entry), this.#holdMs).unref();
    return {
      wakeUp: entry.wakeUp,
      extend: () => {
        if (mine()) entry.timer?.refresh();
      },
      release: (delayMs) => {
        if (!mine()) return;
        clearTimeout(entry.timer);
        entry.state = "delayed";
        if (delayMs <= 0) makeReady(entry);
        else entry.timer = setTimeout(() => makeReady(entry), delayMs).unref();
      },
      // Done is done, also said by one whose hold ran out: the work was finished.
      done: () => finish(entry),
    };
  }

  #lane(operatorId: OperatorId): Lane {
    const known = this.#lanes.get(operatorId);
    if (known !== undefined) return known;
    const lane: Lane = { entries: new Map(), ready: new Fifo(), waiting: new Set() };
    this.#lanes.set(operatorId, lane);
    return lane;
  }

  #clear(): void {
    for (const lane of this.#lanes.values()) for (const entry of lane.entries.values()) finish(entry);
    this.#lanes.clear();
  }
}

function makeReady(entry: Entry): void {
  if (entry.state === "done") return;
  entry.state = "ready";
  entry.timer = undefined;
  entry.lane.ready.push(entry);
  for (const wake of entry.lane.waiting) wake();
}

function finish(entry: Entry): void {
  if (entry.state === "done") return;
  entry.state = "done";
  clearTimeout(entry.timer);
  entry.lane.entries.delete(entry.key);
}

function somethingReady(lane: Lane, end: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => {
    lane.waiting.delete(wake);
    end.removeEventListener("abort", wake);
    resolve();
  };
  lane.waiting.add(wake);
  end.addEventListener("abort", wake);
  return promise;
}

async function whenFree(slots: Slots, end: AbortSignal): Promise<void> {
  try {
    await slots.whenFree(end);
  } catch (error) {
    if (!end.aborted) throw error;
  }
}
