import type { EventFilter, EventLog, LogBounds } from "@openvibe/bus";
import { bucketOf, type toMatcher } from "./filters.ts";
import { Permits } from "./permits.ts";
import { type RingEntry, toRingEntry } from "./ring-entry.ts";

/** A stretch of the log, read for one client. */
export interface HistoryPage {
  readonly entries: readonly RingEntry[];
  /** Everything that matches up to here is in `entries`. */
  readonly end: number;
  /** The log's bounds before the read and after it: a purge may have overtaken the reader. */
  readonly before: LogBounds;
  readonly after: LogBounds;
}

const MAX_MATCHES = 500;
const MAX_BYTES = 524_288;
const MAX_SCANNED = 5_000;
const READERS = 8;

/** Reads the log for clients who are further behind than the ring. In pages, so that a client who reads slowly holds none of the few readers. */
export class History {
  readonly #log: EventLog;
  readonly #permits = new Permits(READERS);

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** @throws OpenVibeError OV_BUS_UNAVAILABLE */
  read(
    after: number,
    query: {
      readonly filter: EventFilter;
      readonly matches: ReturnType<typeof toMatcher>;
      readonly epoch: string;
      readonly signal: AbortSignal;
    },
  ): Promise<HistoryPage> {
    return this.#permits.with(async () => {
      const before = await this.#log.bounds();
      const entries: RingEntry[] = [];
      let end = after;
      let bytes = 0;
      let scanned = 0;
      let complete = true;
      const stop = new AbortController();
      const signal = AbortSignal.any([stop.signal, query.signal]);
      try {
        for await (const logged of this.#log.read(after, query.filter, signal)) {
          end = logged.position;
          if (query.matches({ ...logged.event, bucket: bucketOf(logged.event) })) {
            const entry = toRingEntry(logged, query.epoch);
            entries.push(entry);
            bytes += entry.frame.length;
          }
          complete = ++scanned < MAX_SCANNED && entries.length < MAX_MATCHES && bytes < MAX_BYTES;
          if (!complete) break;
        }
      } finally {
        stop.abort();
      }
      // Read to the end: what was there at the time of the call is all here, whatever the filter left out.
      if (complete && !query.signal.aborted) end = Math.max(end, before.last);
      return { entries, end, before, after: await this.#log.bounds() };
    });
  }
}
