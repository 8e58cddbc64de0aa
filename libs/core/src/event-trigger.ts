import type { OpenVibeEvent } from "./events.ts";
import type { OperatorId, RunId } from "./ids.ts";

/** Which events start a workflow. */
export interface EventTrigger {
  /** Of this operator only; of any, and of none, when absent. */
  readonly from?: OperatorId;
  readonly type: string;
}

/** Reads `event:<type>`, `event:self:<type>`, `event:<operator>:<type>` as a trigger of `operatorId`; `undefined` for triggers of other kinds. */
export function findEventTrigger(on: string, operatorId: OperatorId): EventTrigger | undefined {
  const [kind, first, second, more] = on.split(":");
  if (kind !== "event" || first === undefined || first === "" || more !== undefined) return undefined;
  if (second === undefined) return { type: first };
  return { from: first === "self" ? operatorId : first, type: second };
}

export function triggersOn({ from, type }: EventTrigger, event: Pick<OpenVibeEvent, "operatorId" | "type">): boolean {
  return event.type === type && (from === undefined || event.operatorId === from);
}

/** The cause of a run that an event starts: at most one run per trigger and event has it. */
export function eventOrigin(operatorId: OperatorId, triggerId: string, eventId: string): string {
  return `event:${operatorId}.${triggerId}:${eventId}`;
}

/** The cause of a run that a batch of events starts; each of them is kept with the run it was given to. */
export function batchOrigin(operatorId: OperatorId, triggerId: string, runId: RunId): string {
  return `events:${operatorId}.${triggerId}:${runId}`;
}
