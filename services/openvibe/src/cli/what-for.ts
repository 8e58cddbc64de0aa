import type { JsonObject } from "@openvibe/core";

/** What a run waits for, of its interrupt's data or its event's: the prompt of a question, or a time. */
export function whatFor({ prompt, until, deadline }: JsonObject): string {
  const end = [until, deadline].find((time) => time !== undefined);
  return [prompt, end === undefined ? undefined : `(until ${String(end)})`].filter((part) => part !== undefined).join(" ");
}
