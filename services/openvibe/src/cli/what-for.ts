import type { JsonObject } from "@openvibe/core";

/** What a run waits for, of its interrupt's data or its event's: the prompt of a question, the types of events, other runs, or a time. */
export function whatFor({ prompt, events, until, deadline, ...rest }: JsonObject): string {
  const end = [until, deadline].find((time) => time !== undefined);
  const types = Array.isArray(events) ? events.join(", ") : undefined;
  return [prompt, types, whichRuns(rest), end === undefined ? undefined : `(until ${String(end)})`]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** The event tells how many have ended, the interrupt which are open. */
function whichRuns({ operator_id, workflow_id, total, begun, open, ended, child_run_id }: JsonObject): string | undefined {
  if (total === undefined || workflow_id === undefined) return undefined;
  const of = `${String(operator_id)}.${String(workflow_id)}`;
  const left = Array.isArray(open) ? open : [];
  const only = child_run_id ?? left[0];
  if (total === 1 && only !== undefined) return `${of} ${String(only)}`;
  return `${of}, ${String(ended ?? Number(begun) - left.length)} of ${String(total)} ended`;
}
