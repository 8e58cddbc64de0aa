// Longer than most: one state machine ("in step" or reading what is missing), which would have to be read in pieces otherwise.
import { setTimeout as sleep } from "node:timers/promises";
import type { EventLog, LoggedEvent } from "@openvibe/bus";
import type { Logger, RunId } from "@openvibe/core";
import type { SettingStore } from "@openvibe/store";
import { digestOf, formatCursor } from "./cursor.ts";
import { type HubListener, HubListeners } from "./hub-listeners.ts";
import { type Place, placeAt } from "./log-loss.ts";
import { LogMark } from "./log-mark.ts";
import { EventRing } from "./ring.ts";
import { type RingEntry, toRingEntry } from "./ring-entry.ts";

export interface HubOptions {
  readonly log: EventLog;
  readonly settings: SettingStore;
  readonly logger: Logger;
  readonly newEpoch?: () => string;
  /** Events kept in memory for those who come back soon; default 10,000. */
  readonly maxEntries?: number;
  /** Default 64 MiB. */
  readonly maxBytes?: number;
  /** Events read from the log at the start, so that the clients of a predecessor find them in memory; default 1,000. */
  readonly preload?: number;
  /** How often the log's end is compared with what was heard; default 1,000 ms. */
  readonly lookEveryMs?: number;
}

/** A stretch of time in which positions mean the same: it ends when the log is lost. */
export interface Era {
  readonly number: number;
  readonly epoch: string;
  /** Where those who were cut by the change go on. */
  readonly position: number;
  readonly cursor: string;
}

// After so many reads that brought nothing, a position that nobody delivers counts as a hole in the log.
const HOLE_READS = 3;
const MAX_PENDING = 10_000;

/**
 * The process's one listener on the log. Keeps the newest events in a ring, in order and without a gap: what the listener missed is read from
 * the log before anything after it is passed on. Never waits for a client.
 */
export class EventHub implements AsyncDisposable {
  readonly #log: EventLog;
  readonly #logger: Logger;
  readonly #options: HubOptions;
  readonly #maxEntries: number;
  readonly #ring: EventRing;
  readonly #mark: LogMark;
  readonly #listeners = new HubListeners();
  readonly #stop = new AbortController();
  #era: Era = { number: 0, epoch: "", position: 0, cursor: "" };
  /** Whether what is heard goes straight into the ring; else it waits in `#pending` for what is missing before it. */
  #inStep = false;
  #pending: LoggedEvent[] = [];
  #ear: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #looking: Promise<void> | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#logger = options.logger;
    this.#maxEntries = options.maxEntries ?? 10_000;
    this.#ring = new EventRing({ maxEntries: this.#maxEntries, maxBytes: options.maxBytes ?? 67_108_864 });
    this.#mark = new LogMark(options);
  }

  get era(): Era {
    return this.#era;
  }

  get last(): number {
    return this.#ring.last;
  }

  /** The cursor of "now". */
  get lastCursor(): string {
    return this.cursorAt(this.#ring.last, this.#ring.lastDigest);
  }

  cursorAt(position: number, digest: string): string {
    return formatCursor({ epoch: this.#era.epoch, position, digest });
  }

  /** Whether the ring holds everything known after a position. */
  covers(position: number): boolean {
    return position >= this.#ring.floor;
  }

  after(position: number): Iterable<RingEntry> {
    return this.#ring.after(position);
  }

  /** What lies at a position, where the ring knows it. */
  digestAt(position: number): string | undefined {
    return this.#ring.digestAt(position);
  }

  /** Offers `listener` every event from the next one on (of one run, when it is given), in order, until it detaches. */
  attach(listener: HubListener, runId: RunId | undefined): () => void {
    return this.#listeners.attach(listener, runId);
  }

  /** @throws OpenVibeError OV_BUS_UNAVAILABLE, OV_STORE_UNAVAILABLE */
  async start(): Promise<void> {
    this.#ear = await this.#log.listen(this.#hear);
    await this.#inTurn(async () => {
      if (await this.#mark.isLost(await this.#mark.refresh(), this.#stop.signal)) await this.#mark.beginEpoch();
      const { first, last } = await this.#log.bounds();
      const preload = Math.min(this.#options.preload ?? 1_000, this.#maxEntries);
      this.#beginEra(await placeAt(this.#log, Math.max(first - 1, last - preload, 0)));
      await this.#catchUp();
    });
    this.#timer = setInterval(() => void this.look(), this.#options.lookEveryMs ?? 1_000);
  }

  /** Compares with the store and the log: another relay's new epoch, a lost log, a missed last message. Calls made meanwhile share one look. */
  look(): Promise<void> {
    this.#looking ??= this.#inTurn(() => this.#compare())
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#logger.warn({ err: error }, "event log could not be compared with what was heard");
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    this.#ear?.[Symbol.dispose]();
    await this.#turn;
  }

  readonly #hear = (logged: LoggedEvent): void => {
    const { last } = this.#ring;
    if (!this.#inStep || logged.position > last + 1) {
      if (this.#pending.length >= MAX_PENDING) this.#pending = []; // whoever reads the log next finds them there
      this.#pending.push(logged);
      if (this.#inStep) this.#fill();
    } else if (logged.position === last + 1) {
      this.#push(logged);
    } else if ((this.#ring.digestAt(logged.position) ?? digestOf(logged.event.id)) !== digestOf(logged.event.id)) {
      void this.look(); // another event where one was seen: the log is not the same any more
    }
  };

  #fill(): void {
    this.#inStep = false;
    this.#inTurn(() => this.#catchUp()).catch((error: unknown) => {
      // The next look tries again: until then what is heard waits.
      if (!this.#stop.signal.aborted) this.#logger.warn({ err: error }, "missed events could not be read from the log");
    });
  }

  #push(logged: LoggedEvent): void {
    const entry = toRingEntry(logged, this.#era.epoch);
    this.#ring.push(entry);
    this.#listeners.tell(entry);
  }

  async #compare(): Promise<void> {
    const mark = await this.#mark.refresh();
    if (mark.epoch !== this.#era.epoch) this.#beginEra(await this.#end());
    const newest = mark.position > this.#ring.last ? mark : this.#newest;
    if (await this.#mark.isLost(newest, this.#stop.signal)) await this.#startOver();
    const { last } = await this.#log.bounds();
    if (this.#inStep && last > this.#ring.last) await sleep(100, undefined, { signal: this.#stop.signal }); // most often it is on its way
    if (!this.#inStep || last > this.#ring.last) await this.#catchUp();
    await this.#mark.raise(this.#newest);
  }

  /** Reads what is missing, then passes on what was heard meanwhile. */
  async #catchUp(): Promise<void> {
    this.#inStep = false;
    for (let fruitless = 0; ; ) {
      if (await this.#mark.isLost(this.#newest, this.#stop.signal)) await this.#startOver();
      await this.#skipUnreadable();
      const { last } = this.#ring;
      for await (const logged of this.#log.read(last, {}, this.#stop.signal)) {
        if (logged.position > this.#ring.last) this.#push(logged);
      }
      this.#stop.signal.throwIfAborted();
      if (this.#passPending(fruitless >= HOLE_READS)) break;
      // More is missing. Either it was stored after the read began, then the next one brings it, or there is nothing at that position.
      fruitless = this.#ring.last > last ? 0 : fruitless + 1;
      if (fruitless > 0) await sleep(50 * fruitless, undefined, { signal: this.#stop.signal });
    }
    this.#inStep = true;
  }

  /** What the log has purged, or what would not stay in the ring anyway, is not read: whoever needs it reads the log (and sees the gap). */
  async #skipUnreadable(): Promise<void> {
    const { first, last } = await this.#log.bounds();
    const target = await placeAt(this.#log, Math.max(first - 1, last - this.#maxEntries, 0));
    if (target.position <= this.#ring.last) return;
    this.#listeners.interrupt(this.#ring.last);
    this.#ring.restart(target.position, target.digest);
  }

  /** Gives `false` at the first one that still lacks what comes before it. */
  #passPending(acceptHole: boolean): boolean {
    this.#pending.sort((a, b) => a.position - b.position);
    let mayJump = acceptHole;
    for (const [index, logged] of this.#pending.entries()) {
      const { last } = this.#ring;
      if (logged.position <= last) continue;
      if (logged.position > last + 1) {
        if (!mayJump) {
          this.#pending = this.#pending.slice(index);
          return false;
        }
        mayJump = false;
        this.#logger.warn({ after: last, position: logged.position }, "event log has a hole");
      }
      this.#push(logged);
    }
    this.#pending = [];
    return true;
  }

  get #newest(): Place {
    return { position: this.#ring.last, digest: this.#ring.lastDigest };
  }

  async #end(): Promise<Place> {
    return placeAt(this.#log, (await this.#log.bounds()).last);
  }

  async #startOver(): Promise<void> {
    await this.#mark.beginEpoch();
    this.#beginEra(await this.#end());
  }

  #beginEra({ position, digest }: Place): void {
    const { epoch } = this.#mark.current;
    this.#inStep = false;
    this.#listeners.interrupt(this.#ring.last);
    this.#ring.restart(position, digest);
    this.#era = { number: this.#era.number + 1, epoch, position, cursor: formatCursor({ epoch, position, digest }) };
  }

  /** One change at a time: looks, fills and new eras follow each other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {}); // told to whoever asked for the turn
    return turn;
  }
}
