import { messageOf } from "@openvibe/core";
import { Patience } from "../patience.ts";
import { BLOCK_MS, Blocker } from "./blocker.ts";
import { BOUNDS } from "./event-log-scripts.ts";
import type { Link } from "./link.ts";
import { numberOf, type StreamEntry, toEntriesByStream, toList, toText } from "./reply.ts";

const BATCH = 500;

type Hear = (number: number, entry: StreamEntry) => void;

/** Where a follower stands in a stream. */
export interface Standing {
  /** Of the last entry it was told. */
  readonly number: number;
  /** Which stream of that name it was, where its entries say so; "" where that is not known. */
  readonly epoch: string;
}

interface Follower {
  readonly stream: string;
  readonly hear: Hear;
  at: Standing;
}

/** Tells what is added to streams whose ids are `0-<number>`, by one connection for all who follow; after an outage from where it stopped. */
export class StreamFollower {
  readonly #link: Link;
  readonly #followers = new Set<Follower>();
  #blocker: Blocker | undefined;
  #running: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(link: Link) {
    this.#link = link;
    link.closing.addEventListener("abort", () => void link.track(this.#end()), { once: true });
  }

  /** Every entry after that one, in order, until disposed; all of a stream that was made anew. */
  follow(stream: string, after: Standing, hear: Hear): Disposable {
    const follower: Follower = { stream, hear, at: after };
    this.#followers.add(follower);
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#start();
    this.#blocker?.unblock(); // the next read looks at what is followed now
    return {
      [Symbol.dispose]: () => {
        if (this.#followers.delete(follower)) this.#blocker?.unblock();
      },
    };
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Somebody may have come while it was ending.
      if (this.#followers.size > 0 && !this.#link.closed) this.#start();
    });
  }

  async #run(): Promise<void> {
    const blocker = new Blocker(this.#link, "follow");
    this.#blocker = blocker;
    const patience = new Patience(this.#link, Number.POSITIVE_INFINITY);
    try {
      while (this.#followers.size > 0 && !this.#link.closed) {
        try {
          await this.#readOnce(blocker);
          patience.reset();
        } catch (error) {
          this.#link.logger.debug({ error: messageOf(error) }, "streams are not followed for a while");
          await patience.again();
        }
      }
    } finally {
      this.#blocker = undefined;
      await blocker.close();
    }
  }

  async #readOnce(blocker: Blocker): Promise<void> {
    // Not only when all are quiet: one stream may be busy, and another a new one that has not come as far as its followers were.
    if (performance.now() - this.#lookedAt >= BLOCK_MS) await this.#lookForNew();
    // Followers of one stream may stand at different places: it is read from the first of them on.
    const places = new Map<string, number>();
    for (const { stream, at } of this.#followers) places.set(stream, Math.min(at.number, places.get(stream) ?? at.number));
    const names = [...places.keys()];
    const ids = [...places.values()].map((at) => `0-${at}`);
    const reply = await blocker.call(["XREAD", "COUNT", String(BATCH), "BLOCK", String(BLOCK_MS), "STREAMS", ...names, ...ids]);
    for (const [stream, entries] of toEntriesByStream(reply))
      for (const follower of [...this.#followers]) if (follower.stream === stream) this.#tell(follower, entries);
  }

  /** What is behind its place; nothing when that is in another stream, which it has to be told from the beginning. */
  #tell(follower: Follower, entries: readonly StreamEntry[]): void {
    for (const entry of entries) {
      const [number, epoch] = [numberOf(entry.id), entry.fields.get("epoch") ?? ""];
      if (!this.#followers.has(follower)) return;
      if (isOther(follower.at, epoch)) {
        follower.at = { number: 0, epoch };
        return;
      }
      if (follower.at.number >= number) continue;
      follower.at = { number, epoch: epoch || follower.at.epoch };
      follower.hear(number, entry);
    }
  }

  /** A stream that was made anew counts from 1 again: who stands behind its end would hear nothing for long. */
  async #lookForNew(): Promise<void> {
    this.#lookedAt = performance.now();
    for (const stream of new Set([...this.#followers].map((follower) => follower.stream))) {
      const [, last, epoch] = toList(await this.#link.run(BOUNDS, [stream], []));
      for (const follower of this.#followers)
        if (follower.stream === stream && (follower.at.number > Number(last) || isOther(follower.at, toText(epoch))))
          follower.at = { number: 0, epoch: toText(epoch) };
    }
  }

  async #end(): Promise<void> {
    this.#followers.clear();
    this.#blocker?.unblock();
    await this.#running;
  }
}

function isOther(at: Standing, epoch: string): boolean {
  return at.epoch !== "" && epoch !== "" && epoch !== at.epoch;
}
