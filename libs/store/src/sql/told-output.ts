/** A run's output is its newest state, and is told with its end: in the row it stands once. */
import type { JsonObject, PendingEvent } from "@openvibe/core";

/** An event as the row keeps it; `tells_output`: its data holds the run's output where a `null` stands. */
type KeptEvent = PendingEvent & { readonly tells_output?: true };

/** Leaves the output out of the event that tells it. */
export function withoutOutput(events: readonly PendingEvent[], output: JsonObject | undefined): readonly KeptEvent[] {
  const last = events.at(-1);
  if (output === undefined || last?.data.output !== output) return events;
  return [...events.slice(0, -1), { ...last, data: { ...last.data, output: null }, tells_output: true }];
}

/** Undoes `withoutOutput`. */
export function withOutput(events: readonly KeptEvent[], output: JsonObject): readonly PendingEvent[] {
  return events.map(({ tells_output, ...event }) => (tells_output === true ? { ...event, data: { ...event.data, output } } : event));
}
