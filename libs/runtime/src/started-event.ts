import { type Clock, type PendingEvent, toIso } from "@openvibe/core";

/** `run.started`: kept with a run's first claim, so that it is told before the first step ends. */
export function startedEvent(clock: Clock): PendingEvent {
  return { type: "run.started", time: toIso(clock.now()), data: {} };
}
