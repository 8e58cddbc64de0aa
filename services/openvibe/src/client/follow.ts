import { isTerminalEventType } from "@openvibe/core";
import { readSse } from "@openvibe/http/sse";
import type { components, operations } from "./api.ts";
import { toProblemError } from "./problem-error.ts";

export type Event = components["schemas"]["Event"];

/** Which events a stream carries; none given = all. */
export type EventFilter = Omit<NonNullable<operations["stream_events"]["parameters"]["query"]>, "last_event_id">;

export interface FollowOptions {
  /** Goes on after the event that had this, at any replica; from now on (a run: from its first event) when absent. */
  readonly lastEventId?: string;
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal;
}

export interface StreamedEvent {
  readonly event: Event;
  /** To be kept once the event is dealt with: `lastEventId` of the next start. Live events repeat that of the stored one before. */
  readonly lastEventId: string;
}

/** Reads a stream as often as it takes: for ever, or to the end of the run. */
export async function* follow(
  url: string,
  headers: Readonly<Record<string, string>>,
  options: FollowOptions,
  until?: "run",
): AsyncGenerator<StreamedEvent, void, void> {
  for await (const { event: type, data, lastEventId } of readSse(url, { ...options, headers, toError: toProblemError })) {
    yield { event: JSON.parse(data) as Event, lastEventId };
    if (until === "run" && isTerminalEventType(type)) return;
  }
}
