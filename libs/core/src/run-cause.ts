import type { JsonObject } from "./json.ts";

/** What started a run, where it was an event: kept with the run. A run that somebody asked for has none. */
export interface RunCause {
  readonly kind: "event";
  /** The CloudEvent, its data inside whatever its size. */
  readonly event: JsonObject;
  /** Events in a row that led here, this one counted: runs that start each other by events come to `MAX_HOPS`. */
  readonly hops: number;
}

/** So many runs may follow from each other by events; the next one is refused, because it is most likely a circle. */
export const MAX_HOPS = 16;

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
