import { isId, type OperatorId, type RunId } from "./ids.ts";

export const WakeKind = { Start: "start", Resume: "resume", Timer: "timer", Event: "event", Child: "child", Retry: "retry" } as const;
export type WakeKind = (typeof WakeKind)[keyof typeof WakeKind];

const KINDS = new Set<string>(Object.values(WakeKind));

export const MAIN_LANE = "main";

/** Says that a run can go on: ids only, the run itself lies in the store. `wake` counts from 0 (kind start). */
export interface WakeUp {
  readonly operatorId: OperatorId;
  readonly runId: RunId;
  readonly kind: WakeKind;
  readonly wake: number;
}

/** Reads an activation subject's tokens; `undefined` when it is none of ours. */
export function parseActivationSubject(subject: string): WakeUp | undefined {
  const tokens = subject.split(".");
  if (tokens.length !== 7 || tokens[0] !== "operators" || tokens[2] !== "activations") return undefined;
  const [, operatorId, , lane, kind, runId, n] = tokens;
  if (!isId(operatorId) || !isId(lane) || !isId(runId) || kind === undefined || !KINDS.has(kind)) return undefined;
  if (n === undefined || !/^(0|[1-9]\d{0,8})$/.test(n)) return undefined;
  return { operatorId, runId, kind: kind as WakeKind, wake: Number(n) };
}
