import type { Connection } from "./connection.ts";
import { Fifo } from "./fifo.ts";

/** Messages on their way at once: enough for a slow link, below what makes a server refuse more. */
const MAX_FLYING = 1_024;
const SHORTEST_MS = 50;
const LONGEST_MS = 500;

interface Entry<Message, Outcome> {
  readonly message: Message;
  readonly number: number;
  readonly deadline: number;
  readonly resolve: (outcome: Outcome) => void;
}

export interface LaneOptions<Message, Outcome> {
  readonly link: Connection;
  /** Sends when called, so that calls keep their order; never rejects. A second copy of a message must do no harm. */
  readonly send: (message: Message) => Promise<Outcome>;
  /** Whether it may go well soon. */
  readonly again: (outcome: Outcome) => boolean;
  /** The outcome of what was never sent. */
  readonly lost: Outcome;
}

/**
 * Stores messages in the order they were given, many at once. What an election or a lost connection sent back goes again before anything newer,
 * in the same order.
 */
export class OrderedLane<Message, Outcome> {
  readonly #options: LaneOptions<Message, Outcome>;
  readonly #link: Connection;
  #flying = 0;
  readonly #waiting = new Fifo<Entry<Message, Outcome>>();
  #returned: Entry<Message, Outcome>[] = [];
  #lastFailure: Outcome;
  #count = 0;
  #pauseMs = SHORTEST_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions<Message, Outcome>) {
    const { link, lost } = options;
    this.#options = options;
    this.#link = link;
    this.#lastFailure = lost;
    link.onChange(() => {
      if (link.connected) this.#resend();
    });
    link.closing.addEventListener("abort", () => this.#finish(), { once: true });
  }

  /** Resolves with the server's answer; after `patienceMs` with the last that was none. */
  send(message: Message): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const entry: Entry<Message, Outcome> = { message, number: this.#count++, deadline: Date.now() + this.#link.patienceMs, resolve };
    this.#waiting.push(entry);
    if (this.#waiting.size === 1) this.#link.soon(() => this.#go());
    return promise;
  }

  /** Sends what waits, unless something older has to go first. */
  #go(): void {
    if (this.#returned.length > 0 || !this.#link.connected) {
      // The order of those that come back is known when all have come down.
      if (this.#flying === 0) this.#later();
      return;
    }
    while (this.#flying < MAX_FLYING) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#fly(entry);
    }
  }

  #fly(entry: Entry<Message, Outcome>): void {
    this.#flying++;
    void this.#options.send(entry.message).then((outcome) => this.#land(entry, outcome));
  }

  #land(entry: Entry<Message, Outcome>, outcome: Outcome): void {
    this.#flying--;
    if (this.#options.again(outcome) && !this.#link.closing.aborted) {
      this.#lastFailure = outcome;
      this.#returned.push(entry);
    } else {
      this.#pauseMs = SHORTEST_MS;
      entry.resolve(outcome);
    }
    this.#go();
  }

  #later(): void {
    if (this.#timer !== undefined || (this.#returned.length === 0 && this.#waiting.size === 0)) return;
    this.#timer = setTimeout(() => this.#resend(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_MS);
  }

  #resend(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const returned = this.#returned.toSorted((a, b) => a.number - b.number);
    const oldest = returned[0] ?? this.#waiting.peek();
    if (oldest !== undefined && Date.now() >= oldest.deadline) this.#giveUp();
    else if (this.#link.connected && this.#flying === 0) {
      this.#returned = [];
      for (const entry of returned) this.#fly(entry);
      this.#go();
    } else this.#go();
  }

  /** What was said is sent: the last chance for what waits. */
  #finish(): void {
    if (this.#returned.length > 0 || !this.#link.connected) this.#giveUp();
    else for (const entry of this.#waiting.drain()) this.#fly(entry);
  }

  /** All of them: were only the oldest given up, a newer one could be stored before its repetition. */
  #giveUp(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = [...this.#returned, ...this.#waiting.drain()];
    this.#returned = [];
    for (const { resolve } of entries) resolve(this.#lastFailure);
  }
}
