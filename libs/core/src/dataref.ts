import type { OpenVibeEvent } from "./events.ts";

/** Bytes of JSON up to which an event carries its data; larger data is kept by the store, and the event refers to it. */
export const MAX_EVENT_DATA_BYTES = 65_536;

/** An event as it travels, and what has to be kept for it. */
export interface SplitEvent {
  readonly event: OpenVibeEvent;
  /** JSON text of its data, where the event only refers to it. */
  readonly kept?: string;
}

/**
 * Takes data out of an event that is too large to travel with it, and puts a reference in its place (CloudEvents extension `dataref`:
 * https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/dataref.md). Events of no run stay as they are: nothing else could be referred to.
 */
export function splitData(event: OpenVibeEvent): SplitEvent {
  const { operatorId, runId, sequence, data, dataref } = event;
  if (dataref !== undefined || operatorId === null || runId === null || sequence === null) return { event };
  const text = JSON.stringify(data);
  // A UTF-16 unit is at most three bytes: most texts need no exact count.
  if (text.length * 3 <= MAX_EVENT_DATA_BYTES || Buffer.byteLength(text) <= MAX_EVENT_DATA_BYTES) return { event };
  return { event: { ...event, data: {}, dataref: `/v1/operators/${operatorId}/runs/${runId}/events/${sequence}/data` }, kept: text };
}
