import type { Clock, Logger } from "@openvibe/core";
import { encodeFrame, type SseWriter } from "@openvibe/http";
import { gapFrame, resetFrame } from "./control-frames.ts";
import { NO_DIGEST } from "./cursor.ts";
import { type StreamFilter, toLogFilter, toMatcher } from "./filters.ts";
import type { History } from "./history.ts";
import type { EventHub } from "./hub.ts";
import type { HubListener } from "./hub-listeners.ts";
import type { Start } from "./resume.ts";
import type { RingEntry } from "./ring-entry.ts";
import { whileOpen } from "./while-open.ts";

export interface FollowerOptions {
  readonly hub: EventHub;
  readonly history: History;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly writer: SseWriter;
  readonly filter: StreamFilter;
  readonly start: Start;
  /** What is done with an event of the stream's own; by default it is sent. */
  readonly deliver?: (entry: RingEntry) => void;
  /** Called when everything the log held has been sent, before the stream becomes live; again after a reset. */
  readonly onCaughtUp?: () => Promise<void>;
}

const COMMENT = encodeFrame({ comment: "" });

/**
 * One client's way along the log: out of the log while it is far behind, out of the ring while it is near, and told by the hub once it is level;
 * back again when it falls behind. Every change happens at an exact position, so that nothing is missed or sent twice.
 */
export class Follower implements HubListener {
  readonly #options: FollowerOptions;
  readonly #matches: ReturnType<typeof toMatcher>;
  #position: number;
  /** Position of the newest id the client has. */
  #told: number;
  #era: number;
  #caughtUp = false;
  #leave: (() => void) | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#matches = toMatcher(options.filter);
    this.#position = options.start.position;
    this.#told = options.start.position;
    this.#era = options.start.era;
  }

  /** Runs until the stream ends. */
  async run(): Promise<void> {
    const { writer, logger, start } = this.#options;
    void writer.ended.then(() => this.#leave?.());
    for (const frame of start.opening) writer.send(frame);
    while (writer.isOpen) await whileOpen(writer, logger, () => this.#step());
  }

  offer(entry: RingEntry): void {
    if (entry.position <= this.#position) return; // a cursor of another relay may be ahead of this one's hub
    this.#pass(entry);
    if (this.#options.writer.isPressed) this.#leave?.();
  }

  interrupt(last: number): void {
    this.#position = Math.max(this.#position, last);
    this.#leave?.();
  }

  /** What a heartbeat says: where the stream is, so that a client whose filter skips much does not come back to long ago. */
  heartbeat(): Buffer {
    const { hub } = this.#options;
    // Also with an era behind it, or a cursor of another relay that is ahead of this one, the client keeps what it has.
    if (this.#leave === undefined || this.#era !== hub.era.number || hub.last <= this.#told) return COMMENT;
    this.#told = hub.last;
    return encodeFrame({ id: hub.lastCursor });
  }

  async #step(): Promise<void> {
    const { hub, writer, onCaughtUp } = this.#options;
    if (this.#era !== hub.era.number) this.#reset();
    else if (writer.isPressed) await writer.whenTaken();
    else if (!hub.covers(this.#position)) await this.#readHistory();
    else if (!this.#readRing()) return;
    else if (!this.#caughtUp) {
      this.#caughtUp = true;
      await onCaughtUp?.();
    } else if (writer.isOpen) await this.#listen();
  }

  #reset(): void {
    const { hub, writer, clock } = this.#options;
    const { number, position, cursor } = hub.era;
    this.#era = number;
    this.#position = position;
    this.#told = position;
    this.#caughtUp = false;
    writer.send(resetFrame(clock, "log_lost", cursor));
  }

  async #readHistory(): Promise<void> {
    const { hub, history, writer, clock, filter } = this.#options;
    const from = this.#position;
    const page = await history.read(from, {
      filter: toLogFilter(filter),
      matches: this.#matches,
      epoch: hub.era.epoch,
      signal: writer.signal,
    });
    if (this.#era !== hub.era.number) return; // the log was lost meanwhile: what was read may be of either
    const oldest = (first: number) => hub.cursorAt(first - 1, NO_DIGEST);
    if (page.before.first - 1 > from) {
      this.#position = page.before.first - 1;
      writer.send(gapFrame(clock, oldest(page.before.first)));
      return;
    }
    // Overtaken by a purge while reading: without a filter a missing neighbour shows it, with one it can only be feared.
    const isUnbroken = page.entries[0]?.position === from + 1;
    if (page.after.first - 1 > from && !isUnbroken) writer.send(gapFrame(clock, oldest(page.after.first), null));
    for (const entry of page.entries) {
      this.#pass(entry);
      if (writer.isPressed) await writer.whenTaken();
      if (!writer.isOpen) return;
    }
    this.#position = page.end;
  }

  /** Gives whether everything the ring holds was sent. */
  #readRing(): boolean {
    const { hub, writer } = this.#options;
    for (const entry of hub.after(this.#position)) {
      if (writer.isPressed || !writer.isOpen) return false;
      this.#pass(entry);
    }
    return true;
  }

  /** Resolves when the hub tells this stream nothing more. Between the ring's end and the first offer nothing may be awaited. */
  async #listen(): Promise<void> {
    const { hub, filter } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const detach = hub.attach(this, filter.runId);
    this.#leave = () => {
      if (this.#leave === undefined) return;
      this.#leave = undefined;
      detach();
      // Level until now: whatever the index by run left out was none of this stream's.
      if (this.#era === hub.era.number) this.#position = Math.max(this.#position, hub.last);
      resolve();
    };
    await promise;
  }

  #pass(entry: RingEntry): void {
    this.#position = entry.position;
    if (!this.#matches(entry)) return;
    this.#told = entry.position;
    if (this.#options.deliver === undefined) this.#options.writer.send(entry.frame);
    else this.#options.deliver(entry);
  }
}
