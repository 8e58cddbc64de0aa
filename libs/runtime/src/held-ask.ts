/** A question to another operator that is waited for in this worker's hands. */
import type { RequestEnvelope, Requests } from "@openvibe/bus";
import { checkHops, isOpenVibeError, type JsonValue, type NodeId, type Run } from "@openvibe/core";
import { pause } from "./patience.ts";

const ASK_AGAIN_MS = 250;

export interface HeldAskDeps {
  readonly run: Run;
  readonly nodeId: NodeId;
  /** Events and questions in a row that led to the run. */
  readonly countHops: () => Promise<number>;
  readonly requests: Requests;
  readonly signal: AbortSignal;
  /** Frees the run's slot while it waits for another operator. */
  readonly whileAsking: <T>(asking: Promise<T>) => Promise<T>;
}

/** Frees the run's slot while it waits. @throws OpenVibeError OV_EVENT_LOOP, OV_NO_RESPONDER, OV_ASK_FAILED, OV_ASK_TIMEOUT */
export function askHeld(deps: HeldAskDeps, operatorId: string, capability: string, request: RequestEnvelope): Promise<JsonValue> {
  return deps.whileAsking(askUntilAnswered(deps, operatorId, capability, request));
}

/** Asks again where the answerer stops before it has an answer: the same ask finds the run it began, wherever that goes on. */
async function askUntilAnswered(
  { run, nodeId, countHops, requests, signal }: HeldAskDeps,
  operatorId: string,
  capability: string,
  request: RequestEnvelope,
): Promise<JsonValue> {
  const hops = 1 + (await countHops());
  checkHops(hops, `run ${run.runId} node ${nodeId} may not ask ${operatorId}.${capability}`);
  for (;;) {
    try {
      return await requests.ask(operatorId, capability, { ...request, hops }, signal);
    } catch (error) {
      if (!isOpenVibeError(error, "OV_ASK_FAILED") || error.extra.answered_code !== "OV_SHUTTING_DOWN" || signal.aborted) throw error;
      await pause(ASK_AGAIN_MS, signal);
    }
  }
}
