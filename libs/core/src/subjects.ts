import type { OperatorId, RunId } from "./ids.ts";
import type { WakeKind } from "./wake-up.ts";

/** Every subject has a fixed number of tokens, so that any of them can be a wildcard (DESIGN §5). */
export const ANY = "*";
/** Stands where an event has no run or no operator. */
export const NONE = "-";

/** `lead.qualified` -> `lead_qualified`: a type is one token. */
export function typeToken(type: string): string {
  return type.replaceAll(".", "_");
}

export interface ActivationSubject {
  readonly operatorId: OperatorId;
  readonly lane: string;
  readonly kind: WakeKind | typeof ANY;
  readonly runId: RunId;
  readonly wake: number | typeof ANY;
}

export const subjects = {
  activation: ({ operatorId, lane, kind, runId, wake }: ActivationSubject): string =>
    `operators.${operatorId}.activations.${lane}.${kind}.${runId}.${wake}`,
  activations: (operatorId: OperatorId | typeof ANY): string => `operators.${operatorId}.activations.>`,
  event: (operatorId: OperatorId | null | typeof ANY, type: string, runId: RunId | null | typeof ANY): string =>
    `operators.${operatorId ?? NONE}.events.${typeToken(type)}.${runId ?? NONE}`,
  events: "operators.*.events.>",
  /** What the event log republishes as it stores it. */
  log: (operatorId: OperatorId | typeof ANY, type: string, runId: RunId | typeof ANY): string =>
    `log.${operatorId}.${typeToken(type)}.${runId}`,
  live: (operatorId: OperatorId | typeof ANY, type: string, runId: RunId | typeof ANY): string =>
    `operators.${operatorId}.live.${typeToken(type)}.${runId}`,
  control: (operatorId: OperatorId | typeof ANY, verb: ControlVerb | typeof ANY, runId: RunId | typeof ANY): string =>
    `operators.${operatorId}.control.${verb}.${runId}`,
  request: (operatorId: OperatorId | typeof ANY, capability: string): string => `operators.${operatorId}.request.${capability}`,
  heartbeat: (operatorId: OperatorId): string => `operators.${operatorId}.heartbeat`,
  deadLetter: (operatorId: OperatorId | null, reason: DeadLetterReason | typeof ANY): string =>
    `dead_letters.${operatorId ?? NONE}.${reason}`,
} as const;

/** The capability that starts a run of any operator. Gateways answer it, so no operator may. */
export const ACTIVATE = "activate";

/** The capability by which a worker is handed a new run of its operator. No id begins so: no operator has it. */
export const BEGIN_RUN = "_begin";

/** `cancel`: stop this run. `wake`: this run changed, whoever waits for it reads the store. Live only. */
export const CONTROL_VERBS = ["cancel", "wake"] as const;
export type ControlVerb = (typeof CONTROL_VERBS)[number];

/** `event_loop`: runs that start each other by events came to `MAX_HOPS`. `event_refused`: an event from which no run can be made. */
export const DEAD_LETTER_REASONS = ["unknown_run", "unknown_wake", "bad_message", "event_loop", "event_refused"] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];
