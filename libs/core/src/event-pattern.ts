import { isEventType, isOwnEventType, LIVE_EVENT_TYPES, OWN_EVENT_TYPES } from "./events.ts";
import { didYouMean, nearestNames } from "./nearest-names.ts";
import { shown } from "./shown.ts";

const EVERY = "*";

/**
 * Reads what stands for event types: one (`lead.qualified`), all that begin with a word (`run.*`), or all (`*`). A type of OpenVibe's own must be one
 * that there is. `wrong` makes the error of what is no pattern: its words complete the name of the place.
 */
export function parseEventPattern(pattern: unknown, wrong: (detail: string) => Error): string {
  if (pattern === EVERY) return pattern;
  const isPrefix = typeof pattern === "string" && pattern.endsWith(".*");
  const type = isPrefix ? pattern.slice(0, -2) : pattern;
  if (!isEventType(type))
    throw wrong(`${shown(pattern)} is no event type; allowed is one such as "lead.qualified", a prefix such as "run.*", or "*" for all`);
  if (LIVE_EVENT_TYPES.has(type)) throw wrong(`"${type}" is told live only, and never stored: read the run's own stream for it`);
  if (isOwnEventType(type) && !OWN_EVENT_TYPES.some((own) => (isPrefix ? own.startsWith(`${type}.`) : own === type)))
    throw wrong(
      `${shown(pattern)} is never stored${didYouMean(nearestNames(type, OWN_EVENT_TYPES))}; of OpenVibe's own there are ${OWN_EVENT_TYPES.join(", ")}`,
    );
  return pattern as string;
}

/** Whether a type is one that any of the patterns stands for. */
export function toTypeMatcher(patterns: readonly string[]): (type: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith("*")));
  const prefixes = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1));
  return (type) => exact.has(type) || prefixes.some((prefix) => type.startsWith(prefix));
}
