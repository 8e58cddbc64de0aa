import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "@openvibe/core";
import type { MemoryLogOptions } from "./event-log.ts";

const DAY_MS = 86_400_000;
/** As long as on every bus. */
const KEEP_EVENTS_MS = 7 * DAY_MS;
const KEEP_LETTERS_MS = 90 * DAY_MS;
const PURGE_EVERY_MS = 600_000;
/** Rows that one turn of the event loop deletes; the connection is the store's as well. */
const MAX_ROWS = 2_000;
const NEXT_TURN_MS = 20;

/** Drops what is too old, now and every ten minutes until `closing` aborts; a heap that gathered while nobody served goes bit by bit. */
export function keepTidy({ database, clock, logger, closing }: MemoryLogOptions): void {
  let timer: NodeJS.Timeout | undefined;
  const purge = () => {
    let more = false;
    try {
      more = purgeSome(database, clock.now());
    } catch (error) {
      logger.warn({ error: messageOf(error) }, "what is too old on the bus cannot be dropped");
    }
    timer = setTimeout(purge, more ? NEXT_TURN_MS : PURGE_EVERY_MS).unref();
  };
  purge();
  closing.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

/** Gives whether there is more. */
function purgeSome(database: DatabaseSync, now: number): boolean {
  database.prepare("DELETE FROM bus_dead_letters WHERE stored_at < ?").run(now - KEEP_LETTERS_MS);
  database
    .prepare(
      `DELETE FROM bus_entries WHERE revision IN (SELECT revision FROM bus_entries JOIN bus_buckets ON bus_buckets.name = bus_entries.bucket
       WHERE bus_entries.updated_at <= ? - bus_buckets.ttl_ms)`,
    )
    .run(now);
  // Only from the beginning on, whatever the clock did: a log without holes is what readers go by.
  const page = database
    .prepare(
      `SELECT count(*) AS rows, coalesce(min(CASE WHEN stored_at >= ? THEN position END), max(position) + 1) AS stays
       FROM (SELECT position, stored_at FROM bus_events ORDER BY position LIMIT ${MAX_ROWS})`,
    )
    .get(now - KEEP_EVENTS_MS);
  const { changes } = database.prepare("DELETE FROM bus_events WHERE position < ?").run(Number(page?.stays ?? 0));
  return changes === MAX_ROWS;
}
