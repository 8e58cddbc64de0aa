import type { JsonObject } from "@openvibe/core";

/** What a run waits for, of its interrupt's data or its event's: the prompt of a question, the types of events, or a time. */
export function whatFor({ prompt, events, until, deadline }: JsonObject): string {
  const end = [until, deadline].find((time) => time !== undefined);
  const types = Array.isArray(events) ? events.join(", ") : undefined;
  return [prompt, types, end === undefined ? undefined : `(until ${String(end)})`].filter((part) => part !== undefined).join(" ");
}
