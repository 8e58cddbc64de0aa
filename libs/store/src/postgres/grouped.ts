import { setImmediate as nextTurn } from "node:timers/promises";
import { judgeFailure } from "./failures.ts";
import type { Patience } from "./patience.ts";

/** Statements of one kind in flight at a time. */
const MAX_IN_FLIGHT = 3;
/** So many calls are sent while the event loop still computes what comes next: the database works meanwhile. */
const ENOUGH = 6;
/** So many callers go on in one turn of the event loop. Were it all of a large group, the database would idle while they compute, and they while it writes. */
const ANSWERED_AT_ONCE = 8;
/** What one statement takes. */
const MAX_ITEMS = 500;
const MAX_CHARACTERS = 4_000_000;

interface Waiting<In, Out> {
  readonly key: string;
  readonly item: In;
  readonly until: number;
  resolve(answer: Out): void;
  reject(error: unknown): void;
  promise?: Promise<Out>;
}

export interface GroupedOptions<In, Out> {
  /** What two statements must not hold at once. */
  keyOf(item: In): string;
  /** Its share of a statement's size. */
  charactersOf(item: In): number;
  /** Sends one statement; the answers stand in the order of the items. `again`: it may have taken effect before. */
  send(items: readonly In[], again: boolean): Promise<readonly Out[]>;
  readonly deadlineMs: number;
  readonly patience: Patience;
  /** A call for a key that waits for its turn gets the answer of the call before. */
  readonly shared: boolean;
}

/**
 * Writes travel in groups (DESIGN §6): a call is sent with all others of its turn of the event loop, or with what piled up meanwhile, ordered by
 * key so that no two statements wait for each other. What the database refuses harms only itself; what may pass is asked again until the deadline.
 */
export class Grouped<In, Out> {
  readonly #options: GroupedOptions<In, Out>;
  readonly #busy = new Set<string>();
  readonly #idle: (() => void)[] = [];
  #waiting: Waiting<In, Out>[] = [];
  #inFlight = 0;
  #scheduled = false;
  #lastError: unknown = new Error("no connection became free in time");

  constructor(options: GroupedOptions<In, Out>) {
    this.#options = options;
  }

  ask(item: In): Promise<Out> {
    const { keyOf, deadlineMs, shared, patience } = this.#options;
    if (patience.closed) return Promise.reject(patience.unavailable(undefined));
    const key = keyOf(item);
    const same = shared ? this.#waiting.find((waiting) => waiting.key === key)?.promise : undefined;
    if (same !== undefined) return same;
    const { promise, resolve, reject } = Promise.withResolvers<Out>();
    // Whoever has its answer can make its next call, and need not wait for the rest of the group.
    const settle = <T>(end: (outcome: T) => void, outcome: T) => {
      this.#busy.delete(key);
      end(outcome);
    };
    this.#waiting.push({
      key,
      item,
      until: performance.now() + deadlineMs,
      resolve: (answer) => settle(resolve, answer),
      reject: (error) => settle(reject, error),
      ...(shared ? { promise } : {}),
    });
    if (this.#waiting.length < ENOUGH || this.#inFlight >= MAX_IN_FLIGHT) this.#schedule();
    else this.#sendWaiting();
    return promise;
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async idle(): Promise<void> {
    while (this.#waiting.length > 0 || this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** After the microtasks: an answer to many lets each of them make its next call, and those shall travel together. */
  #schedule(): void {
    if (this.#scheduled || this.#waiting.length === 0 || this.#inFlight >= MAX_IN_FLIGHT) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#sendWaiting();
    });
  }

  #sendWaiting(): void {
    const group = this.#take();
    if (group.length > 0) void this.#travel(group);
  }

  #take(): readonly Waiting<In, Out>[] {
    const group: Waiting<In, Out>[] = [];
    const left: Waiting<In, Out>[] = [];
    let characters = 0;
    for (const waiting of this.#waiting) {
      const full = group.length === MAX_ITEMS || characters > MAX_CHARACTERS;
      if (full || this.#busy.has(waiting.key)) left.push(waiting);
      else {
        this.#busy.add(waiting.key);
        group.push(waiting);
        characters += this.#options.charactersOf(waiting.item);
      }
    }
    this.#waiting = left;
    return group.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async #travel(group: readonly Waiting<In, Out>[]): Promise<void> {
    this.#inFlight++;
    await this.#deliver(group, false);
    this.#inFlight--;
    this.#schedule();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #deliver(group: readonly Waiting<In, Out>[], sentBefore: boolean): Promise<void> {
    const { send, patience } = this.#options;
    let open = group;
    for (let failed = 0; ; failed++) {
      open = this.#withoutExpired(open);
      if (open.length === 0) return;
      try {
        const items = open.map(({ item }) => item);
        const answers = await send(items, sentBefore || failed > 0);
        for (const [index, waiting] of open.entries()) {
          if (index > 0 && index % ANSWERED_AT_ONCE === 0) await nextTurn();
          waiting.resolve(answers[index] as Out);
        }
        return;
      } catch (error) {
        const failure = judgeFailure(error);
        if (failure === "data") return this.#split(open, error, sentBefore || failed > 0);
        if (failure === "lasting" || patience.closed) {
          for (const waiting of open) waiting.reject(patience.unavailable(error));
          return;
        }
        patience.warn(error);
        this.#lastError = error;
        await patience.pause(failed);
      }
    }
  }

  #withoutExpired(group: readonly Waiting<In, Out>[]): readonly Waiting<In, Out>[] {
    const now = performance.now();
    return group.filter((waiting) => {
      if (now <= waiting.until) return true;
      waiting.reject(this.#options.patience.unavailable(this.#lastError));
      return false;
    });
  }

  /** The statement has done nothing: its halves are asked for themselves, until the one that is refused stands alone. */
  async #split(group: readonly Waiting<In, Out>[], error: unknown, sentBefore: boolean): Promise<void> {
    const [first] = group;
    if (first === undefined) return;
    if (group.length === 1) return first.reject(this.#options.patience.refused(first.key, error));
    const middle = group.length >> 1;
    await this.#deliver(group.slice(0, middle), sentBefore);
    await this.#deliver(group.slice(middle), sentBefore);
  }
}
