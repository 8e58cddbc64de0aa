import type { Dialect } from "./dialect.ts";
import { LOOK_AFTER_MS, soonest } from "./looking.ts";

/** SET clauses that append one event (JSON text) to the outbox of a run that nobody owns, and have the sweep look after it. */
export function appendEvent(
  dialect: Dialect,
  event: string,
): Readonly<Record<"events" | "last_sequence" | "unsent_since" | "look_at", string>> {
  const text = `CAST(${event} AS text)`;
  return {
    events: `CASE WHEN runs.events = '[]' THEN '[' || ${text} || ']'
      ELSE substr(runs.events, 1, length(runs.events) - 1) || ',' || ${text} || ']' END`,
    last_sequence: "runs.last_sequence + 1",
    unsent_since: `coalesce(runs.unsent_since, ${dialect.now})`,
    look_at: soonest("runs.look_at", `${dialect.now} + ${LOOK_AFTER_MS}`),
  };
}
