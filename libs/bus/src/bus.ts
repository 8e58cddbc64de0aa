import type { Buckets } from "./buckets.ts";
import type { EventLog } from "./event-log.ts";
import type { Requests } from "./requests.ts";
import type { Signals } from "./signals.ts";
import type { WorkQueue } from "./work-queue.ts";

/** The five nouns of one connection. Disposing drains: what was said is sent, then the connection closes. */
export interface Bus extends AsyncDisposable {
  readonly kind: "memory" | "nats" | "redis";
  readonly queue: WorkQueue;
  readonly log: EventLog;
  readonly requests: Requests;
  readonly signals: Signals;
  readonly buckets: Buckets;
  /** Makes sure that an operator's wake-ups can be taken. Idempotent; also done by `take` whenever it finds nothing to take from. */
  prepareOperator(operatorId: string): Promise<void>;
  /** @throws OpenVibeError OV_BUS_UNAVAILABLE when the bus does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
}
