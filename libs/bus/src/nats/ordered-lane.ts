import { Fifo } from "../fifo.ts";
import type { Link } from "./link.ts";
import { type Message, type Outcome, publishOnce } from "./publish.ts";

/** Messages on their way at once: enough for a slow link, below what makes a server refuse more. */
const MAX_FLYING = 1_024;
const SHORTEST_MS = 50;
const LONGEST_MS = 500;

interface Entry {
  readonly message: Message;
  readonly number: number;
  readonly deadline: number;
  readonly resolve: (outcome: Outcome) => void;
}

/**
 * Stores messages in the order they were given, many at once. What an election or a lost connection sent back goes again before anything newer,
 * in the same order; a second copy does no harm, because every message has a msgID.
 */
export class OrderedLane {
  readonly #link: Link;
  readonly #flying = new Set<Entry>();
  readonly #waiting = new Fifo<Entry>();
  #returned: Entry[] = [];
  #lastFailure: Outcome = { kind: "unavailable", cause: new Error("the connection to NATS is lost"), again: true, stored: "no" };
  #count = 0;
  #pauseMs = SHORTEST_MS;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: Link) {
    this.#link = link;
    link.onChange(() => {
      if (link.connected) this.#resend();
    });
    link.closing.addEventListener("abort", () => this.#finish(), { once: true });
  }

  /** Resolves with the stream's answer; `unavailable` after `patienceMs`. */
  send(message: Message): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const entry: Entry = { message, number: this.#count++, deadline: Date.now() + this.#link.patienceMs, resolve };
    this.#waiting.push(entry);
    if (this.#waiting.size === 1) this.#link.soon(() => this.#go());
    return promise;
  }

  /** Sends what waits, unless something older has to go first. */
  #go(): void {
    if (this.#returned.length > 0 || !this.#link.connected) {
      // The order of those that come back is known when all have come down.
      if (this.#flying.size === 0) this.#later();
      return;
    }
    while (this.#flying.size < MAX_FLYING) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#fly(entry);
    }
  }

  #fly(entry: Entry): void {
    this.#flying.add(entry);
    void publishOnce(this.#link, entry.message).then((outcome) => this.#land(entry, outcome));
  }

  #land(entry: Entry, outcome: Outcome): void {
    this.#flying.delete(entry);
    if (outcome.kind === "unavailable" && outcome.again && !this.#link.closing.aborted) {
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
    else if (this.#link.connected && this.#flying.size === 0) {
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
