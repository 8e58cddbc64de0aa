import { NO_DIGEST } from "./cursor.ts";
import type { RingEntry } from "./ring-entry.ts";

/** The newest stretch of the log: everything after `floor` up to `last`, bounded by count and bytes. Positions grow; there may be holes. */
export class EventRing {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  // Dead places at the front are cut off in one go, so that a full ring costs nothing per event. They hold nothing: an entry is let go when it drops.
  #entries: (RingEntry | undefined)[] = [];
  #start = 0;
  #bytes = 0;
  #floor = 0;
  #floorDigest: string = NO_DIGEST;

  constructor({ maxEntries, maxBytes }: { readonly maxEntries: number; readonly maxBytes: number }) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  get floor(): number {
    return this.#floor;
  }

  get last(): number {
    return this.#entries.at(-1)?.position ?? this.#floor;
  }

  get lastDigest(): string {
    return this.#entries.at(-1)?.digest ?? this.#floorDigest;
  }

  get size(): number {
    return this.#entries.length - this.#start;
  }

  /** Empties the ring: what comes next follows `position`. */
  restart(position: number, digest: string): void {
    this.#entries = [];
    this.#start = 0;
    this.#bytes = 0;
    this.#floor = position;
    this.#floorDigest = digest;
  }

  push(entry: RingEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.frame.length;
    while (this.size > this.#maxEntries || (this.#bytes > this.#maxBytes && this.size > 1)) this.#dropOldest();
    if (this.#start > this.#maxEntries) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }

  /** The digest at a position, where the ring knows it. */
  digestAt(position: number): string | undefined {
    if (position === this.#floor) return this.#floorDigest === NO_DIGEST ? undefined : this.#floorDigest;
    const entry = this.#entries[this.#indexAfter(position - 1)];
    return entry?.position === position ? entry.digest : undefined;
  }

  /** Entries after a position, oldest first; they are all there is when `position >= floor`. */
  *after(position: number): Generator<RingEntry, void, void> {
    for (let index = this.#indexAfter(position); index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (entry !== undefined) yield entry;
    }
  }

  #dropOldest(): void {
    const oldest = this.#entries[this.#start];
    if (oldest === undefined) return;
    this.#floor = oldest.position;
    this.#floorDigest = oldest.digest;
    this.#bytes -= oldest.frame.length;
    this.#entries[this.#start] = undefined;
    this.#start++;
  }

  #indexAfter(position: number): number {
    let low = this.#start;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.position ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
