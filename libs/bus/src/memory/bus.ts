import type { DatabaseSync } from "node:sqlite";
import { type Clock, type Logger, silentLogger, systemClock } from "@openvibe/core";
import type { Bus } from "../bus.ts";
import { HOLD_MS } from "../work-queue.ts";
import { MemoryBuckets } from "./buckets.ts";
import { createTables, guarded } from "./database.ts";
import { MemoryEventLog } from "./event-log.ts";
import { assertOpen } from "./open.ts";
import { MemoryRequests } from "./requests.ts";
import { keepTidy } from "./retention.ts";
import { MemorySignals } from "./signals.ts";
import { MemoryWorkQueue } from "./work-queue.ts";

export interface MemoryBusOptions {
  /** Keeps event log and buckets: `:memory:`, or the store's own connection. The bus makes its tables (`bus_…`) and never closes it. */
  readonly database: DatabaseSync;
  /** For times in the log and in buckets; the system's by default. */
  readonly clock?: Clock;
  /** Without an extension a wake-up is delivered again after this; 5,000 by default. */
  readonly holdMs?: number;
  readonly logger?: Logger;
}

/**
 * A bus for one process: queue, requests and signals in memory, event log and buckets in SQLite, so that a restart keeps them.
 * @throws OpenVibeError OV_BUS_UNAVAILABLE when the tables cannot be made
 */
export function openMemoryBus({ database, clock = systemClock, holdMs = HOLD_MS, logger = silentLogger }: MemoryBusOptions): Bus {
  createTables(database);
  const closed = new AbortController();
  const closing = closed.signal;
  keepTidy({ database, clock, logger, closing });
  const log = new MemoryEventLog({ database, clock, logger, closing });
  return {
    kind: "memory",
    queue: new MemoryWorkQueue({ holdMs, closing }),
    log,
    requests: new MemoryRequests({ clock, closing }),
    signals: new MemorySignals({ database, clock, logger, closing }),
    buckets: new MemoryBuckets({ database, clock, closing }),
    prepareOperator: async () => assertOpen(closing),
    ping: async () => {
      assertOpen(closing);
      guarded("the bus's database does not answer", () => database.prepare("SELECT 1").get());
    },
    [Symbol.asyncDispose]: async () => {
      log.flush();
      closed.abort();
    },
  };
}
