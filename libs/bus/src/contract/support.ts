import { newRunId, newToken, type OpenVibeEvent, type OperatorId, type RunId, toEvent, WakeKind, type WakeUp } from "@openvibe/core";
import type { Delivery, Slots, WorkQueue } from "../work-queue.ts";

/** Names that no other test has: the world is shared. */
export function freshOperatorId(): OperatorId {
  return `op-${newToken()}`;
}

export function freshRunId(): RunId {
  return newRunId(Date.now());
}

export function aWakeUp(fields: Partial<WakeUp> = {}): WakeUp {
  return { operatorId: freshOperatorId(), runId: freshRunId(), kind: WakeKind.Start, wake: 0, ...fields };
}

/** Wake-ups of one operator. */
export function wakeUps(count: number, operatorId: OperatorId = freshOperatorId()): WakeUp[] {
  return Array.from({ length: count }, () => aWakeUp({ operatorId }));
}

export function anEvent(
  fields: Partial<Pick<OpenVibeEvent, "operatorId" | "type" | "data">> & { runId?: RunId; sequence?: number } = {},
): OpenVibeEvent {
  const { runId = freshRunId(), sequence = 0, type = "node.completed", data = { at: sequence } } = fields;
  const operatorId = fields.operatorId ?? "contract";
  return toEvent({ runId, operatorId, workflowId: "flow" }, sequence, { type, time: "2026-11-22T10:30:00.000Z", node_id: "decide", data });
}

/** Resolves when `check` gives something but `undefined` or `false`. @throws Error after `withinMs` */
export async function eventually<T>(check: () => T | undefined | false, what: string, withinMs = 8_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = check();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Only to prove that something does not happen. */
export function quietFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The first `count` things of an iterable that may never end. @throws Error after `withinMs` */
export async function first<T>(iterable: AsyncIterable<T>, count: number, withinMs = 8_000): Promise<T[]> {
  const items: T[] = [];
  if (count === 0) return items;
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${items.length} of ${count} within ${withinMs} ms`)), withinMs);
  const reading = (async () => {
    for await (const item of iterable) if (items.push(item) === count) break;
    return items;
  })();
  return Promise.race([reading, promise]).finally(() => clearTimeout(timer));
}

export async function all<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** What `work` throws. @throws Error when it does not */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Takes wake-ups into a number of slots until disposed, and remembers them. */
export class Hands implements AsyncDisposable {
  readonly taken: Delivery[] = [];
  /** The most that was held at once. */
  peak = 0;
  readonly #size: number;
  readonly #stop = new AbortController();
  readonly #held = new Set<Delivery>();
  #freed = Promise.withResolvers<void>();
  readonly ended: Promise<void>;

  constructor(queue: WorkQueue, operatorId: OperatorId, size = 100) {
    this.#size = size;
    this.ended = this.#run(queue, operatorId);
  }

  get held(): number {
    return this.#held.size;
  }

  /** The `count`th and those before it. */
  async waitFor(count: number, withinMs?: number): Promise<Delivery[]> {
    await eventually(() => this.taken.length >= count, `${count} wake-ups taken (${this.taken.length} so far)`, withinMs);
    return this.taken.slice(0, count);
  }

  /** Waits for the `index`th. */
  async at(index: number, withinMs?: number): Promise<Delivery> {
    const delivery = (await this.waitFor(index + 1, withinMs))[index];
    if (delivery === undefined) throw new Error(`no wake-up ${index}`);
    return delivery;
  }

  /** Ends a wake-up and frees its slot. */
  done(delivery: Delivery): void {
    delivery.done();
    this.letGo(delivery);
  }

  /** Frees its slot and says nothing to the queue. */
  letGo(delivery: Delivery): void {
    this.#held.delete(delivery);
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#freed.resolve();
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(queue: WorkQueue, operatorId: OperatorId): Promise<void> {
    for await (const delivery of queue.take(operatorId, this.#slots(), this.#stop.signal)) {
      this.#held.add(delivery);
      this.peak = Math.max(this.peak, this.#held.size);
      this.taken.push(delivery);
    }
  }

  #slots(): Slots {
    const free = () => this.#size - this.#held.size;
    return {
      get free() {
        return free();
      },
      whenFree: async (signal) => {
        while (free() <= 0 && !signal.aborted) await this.#freed.promise;
      },
    };
  }
}

export function runIds(deliveries: readonly { readonly wakeUp: WakeUp }[]): string[] {
  return deliveries.map(({ wakeUp }) => wakeUp.runId).toSorted();
}
