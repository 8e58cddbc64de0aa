import { messageOf } from "@openvibe/core";
import { Patience } from "../patience.ts";
import { BLOCK_MS, Blocker } from "./blocker.ts";
import { BOUNDS } from "./event-log-scripts.ts";
import type { Link } from "./link.ts";
import { numberOf, type StreamEntry, toEntriesByStream, toList } from "./reply.ts";

const BATCH = 500;

type Hear = (number: number, entry: StreamEntry) => void;

interface Follower {
  readonly stream: string;
  readonly hear: Hear;
  /** Number of the last entry it was told. */
  at: number;
}

/** Tells what is added to streams whose ids are `0-<number>`, by one connection for all who follow; after an outage from where it stopped. */
export class StreamFollower {
  readonly #link: Link;
  readonly #followers = new Set<Follower>();
  #blocker: Blocker | undefined;
  #running: Promise<void> | undefined;

  constructor(link: Link) {
    this.#link = link;
    link.closing.addEventListener("abort", () => void link.track(this.#end()), { once: true });
  }

  /** Every entry after that number, in order, until disposed. */
  follow(stream: string, after: number, hear: Hear): Disposable {
    const follower: Follower = { stream, hear, at: after };
    this.#followers.add(follower);
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
    // Followers of one stream may stand at different places: it is read from the first of them on.
    const places = new Map<string, number>();
    for (const { stream, at } of this.#followers) places.set(stream, Math.min(at, places.get(stream) ?? at));
    const names = [...places.keys()];
    const ids = [...places.values()].map((at) => `0-${at}`);
    const reply = await blocker.call(["XREAD", "COUNT", String(BATCH), "BLOCK", String(BLOCK_MS), "STREAMS", ...names, ...ids]);
    if (reply === null) await this.#beginAnew(names);
    for (const [stream, entries] of toEntriesByStream(reply)) for (const entry of entries) this.#tell(stream, entry);
  }

  #tell(stream: string, entry: StreamEntry): void {
    const number = numberOf(entry.id);
    for (const follower of [...this.#followers]) {
      if (follower.stream !== stream || follower.at >= number) continue;
      follower.at = number;
      follower.hear(number, entry);
    }
  }

  /** A stream that was made anew counts from 1 again: who stands behind its end would hear nothing for long. */
  async #beginAnew(names: readonly string[]): Promise<void> {
    for (const stream of names) {
      const last = Number(toList(await this.#link.run(BOUNDS, [stream], []))[1]);
      for (const follower of this.#followers) if (follower.stream === stream && follower.at > last) follower.at = 0;
    }
  }

  async #end(): Promise<void> {
    this.#followers.clear();
    this.#blocker?.unblock();
    await this.#running;
  }
}
