import type { EventLog } from "@openvibe/bus";
import { isTerminalEventType, type OpenVibeEvent, type Outbox, type PendingEvent, type Run, toEvent } from "@openvibe/core";
import { pause } from "./patience.ts";
import { atTick } from "./ticks.ts";

const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 2_000;

/** When what is left of a run is published: at once, or with the process's next tick. */
export type Settling = "at once" | "with the tick";

/**
 * The events of one run in its owner's hands (DESIGN §6 rule 5): they get their numbers here, leave in order after their commit, one flush at a time,
 * pipelined; after an unknown answer it starts again at the first unconfirmed. The event that ends the run goes when all before it are confirmed.
 */
export class RunOutbox {
  readonly #log: EventLog;
  readonly #run: Pick<Run, "runId" | "operatorId" | "workflowId">;
  /** Not confirmed by the log; the first has the sequence `#from`. */
  #events: PendingEvent[];
  #from: number;
  /** Sequence of the newest committed event: later ones must not leave yet. */
  #committed: number;
  #flushing: Promise<void> | undefined;
  /** The flush that comes with the next tick. */
  #next: { readonly flushed: Promise<void>; readonly callOff: () => void } | undefined;
  /** Is told of each event once it is committed. */
  readonly #tell: ((event: OpenVibeEvent) => void) | undefined;
  readonly #stopped = Promise.withResolvers<void>();
  #stops = false;

  constructor(
    log: EventLog,
    run: Pick<Run, "runId" | "operatorId" | "workflowId">,
    { from, events }: Outbox,
    tell?: (event: OpenVibeEvent) => void,
  ) {
    this.#tell = tell;
    this.#log = log;
    this.#run = run;
    this.#from = from;
    this.#events = [...events];
    this.#committed = from + events.length - 1;
  }

  /** Leaves out what an earlier owner has published already. */
  async skipPublished(): Promise<void> {
    if (this.#events.length === 0) return;
    const last = await this.#log.lastOf(this.#run.runId);
    this.#confirm((last?.event.sequence ?? -1) + 1 - this.#from);
  }

  add(event: PendingEvent): void {
    this.#events.push(event);
  }

  /** Takes back what was added since `mark`: the write that should have carried it did not happen. */
  cutTo(mark: number): void {
    this.#events.length = mark - this.#from;
  }

  /** Sequence of the next event. */
  get mark(): number {
    return this.#from + this.#events.length;
  }

  /** Sequence after the newest committed event. */
  get committedMark(): number {
    return this.#committed + 1;
  }

  /** What the next write stores: everything unconfirmed. */
  snapshot(): Outbox {
    return { from: this.#from, events: [...this.#events] };
  }

  /** The write that carried all events up to `mark` was committed: they may leave. */
  committed(mark: number): void {
    const before = this.#committed;
    this.#committed = mark - 1;
    if (this.#tell !== undefined) this.tell(before + 1);
    this.#flushSoon();
  }

  /** Tells whoever hears this run of what is committed, from the event with this sequence on. */
  tell(from: number): void {
    for (let sequence = from; sequence <= this.#committed; sequence++) {
      const pending = this.#events[sequence - this.#from];
      if (pending !== undefined) this.#tell?.(toEvent(this.#run, sequence, pending));
    }
  }

  /**
   * Publishes what is committed: at once, or with the next tick, where nobody else may publish of this run soon. Gives up after `withinMs`: what is left
   * lies in the record, where the sweep finds it. Gives the newest confirmed sequence if everything is confirmed.
   */
  async settle(withinMs: number, when: Settling): Promise<number | undefined> {
    if (when === "at once") {
      this.#next?.callOff();
      this.#next = undefined;
    }
    const giveUp = setTimeout(() => this.#stop(), withinMs);
    try {
      // The log may take longer to answer than anybody here waits.
      while (this.#from <= this.#committed && !this.#stops)
        await Promise.race([this.#next?.flushed ?? this.#flush(), this.#stopped.promise]);
    } finally {
      clearTimeout(giveUp);
    }
    return this.#from > this.#committed ? this.#committed : undefined;
  }

  /** Publishes nothing more: the run is in other hands. */
  abandon(): void {
    this.#next?.callOff();
    this.#stop();
  }

  #stop(): void {
    this.#stops = true;
    this.#stopped.resolve();
  }

  #flushSoon(): void {
    if (this.#next !== undefined || this.#flushing !== undefined || this.#stops) return;
    const { promise: flushed, resolve } = Promise.withResolvers<void>();
    const callOff = atTick(() => {
      this.#next = undefined;
      this.#flush().then(resolve, () => resolve()); // what did not go is told by `settle`, retried by the next flush, healed by the sweep
    });
    this.#next = { flushed, callOff };
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#flushOnce().finally(() => {
      this.#flushing = undefined;
      if (this.#from <= this.#committed) this.#flushSoon(); // it was committed after the flush had looked for the last time
    });
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    for (let failures = 0; this.#from <= this.#committed && !this.#stops; ) {
      const confirmed = await this.#appendBatch();
      this.#confirm(confirmed);
      if (confirmed > 0) failures = 0;
      else await Promise.race([pause(Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** failures++)), this.#stopped.promise]);
    }
  }

  /** Gives how many events, from the first on, the log has confirmed. */
  async #appendBatch(): Promise<number> {
    const ready = this.#events
      .slice(0, this.#committed - this.#from + 1)
      .map((pending, index) => toEvent(this.#run, this.#from + index, pending));
    const terminal = ready.findIndex((event) => isTerminalEventType(event.type));
    const batch = terminal > 0 ? ready.slice(0, terminal) : ready;
    const results = await Promise.allSettled(batch.map((event) => this.#log.append(event)));
    const failed = results.findIndex(({ status }) => status === "rejected");
    return failed === -1 ? batch.length : failed;
  }

  #confirm(count: number): void {
    if (count <= 0) return;
    this.#from += Math.min(count, this.#events.length);
    this.#events = this.#events.slice(count);
  }
}
