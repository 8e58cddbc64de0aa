import type { JsonObject } from "./json.ts";
import { OpenVibeError } from "./problems.ts";

/** What started a run, where it was an event or another run's question: kept with the run. A run that somebody asked for from outside has none. */
export type RunCause = EventCause | AskCause;

export interface EventCause {
  readonly kind: "event";
  /** The CloudEvent, its data inside whatever its size. */
  readonly event: JsonObject;
  /** All events of a run that a batch starts, in order; `event` is the last of them. */
  readonly events?: readonly JsonObject[];
  readonly hops: number;
}

export interface AskCause {
  readonly kind: "ask";
  /** Events and questions in a row that led here, this one counted: runs that follow from each other come to `MAX_HOPS`. */
  readonly hops: number;
}

/** So many runs may follow from each other by events, changes of context and questions; the next one is refused, because it is most likely a circle. */
export const MAX_HOPS = 16;

/** Why nothing more may follow from a run, where that is so; `hops` are those of what would follow. */
export function findLoop(hops: number): string | undefined {
  if (hops <= MAX_HOPS) return undefined;
  return `${hops - 1} events, changes of context and questions in a row led here, so that it is most likely a circle; allowed are ${MAX_HOPS}`;
}

/** @throws OpenVibeError OV_EVENT_LOOP */
export function checkHops(hops: number, what: string): void {
  const loop = findLoop(hops);
  if (loop !== undefined) throw new OpenVibeError("OV_EVENT_LOOP", `${what}: ${loop}`, { extra: { hops } });
}

/** The event that started a run, as its code reads it. */
export interface TriggerEvent {
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC, by the clock of whoever published it. */
  readonly time: string;
  /** Whose it is: `/operators/<id>`, or what an event from outside names. */
  readonly source: string;
  /** `null` for an event from outside. */
  readonly operatorId: string | null;
  readonly runId: string | null;
  readonly data: JsonObject;
}

/** Reads what `toCloudEvent` wrote. */
export function toTriggerEvent(event: JsonObject): TriggerEvent {
  const text = (name: string): string | null => {
    const value = event[name];
    return typeof value === "string" ? value : null;
  };
  return {
    id: text("id") ?? "",
    type: text("type") ?? "",
    time: text("time") ?? "",
    source: text("source") ?? "/",
    operatorId: text("operatorid"),
    runId: text("runid"),
    data: (event.data ?? {}) as JsonObject,
  };
}
