import type { Requests } from "@openvibe/bus";
import { BEGIN_RUN, type Clock, isOpenVibeError, type Logger, type OperatorId, type Run, RunStatus } from "@openvibe/core";
import type { NewRun } from "@openvibe/store";
import { isPlain, parseBegunAnswer, toHandedRun } from "../handed-run.ts";
import { toQueuedRun } from "./new-run.ts";

/** So long a worker has to store the run. Then it goes by the queue, and whichever insert comes first counts. */
const ANSWER_WITHIN_MS = 300;
/** After a refusal runs go by the queue for so long: those who serve the operator are busy, or none of them is heard. */
const REFUSED_PAUSE_MS = 50;
/** After no answer: one that stands still gets its share of the requests all the same. */
const SILENT_PAUSE_MS = 1_000;

/** `awaited`: the end is to be told by the signal. Gives the run when a worker has stored it as its own and works on it; `undefined` where it is to go by the queue. Never throws. */
export type StartEagerly = (newRun: NewRun, options: { readonly awaited: boolean }) => Promise<Run | undefined>;

/**
 * Hands new runs to workers that have room (DESIGN §6 rule 1): the worker's insert is the claim as well, and no wake-up travels. That spares a commit, a
 * message and its way through the queue, a third of what comes before a run's first step.
 */
export function createEagerStart(deps: { readonly requests: Requests; readonly clock: Clock; readonly logger: Logger }): StartEagerly {
  const pausedUntil = new Map<OperatorId, number>();
  const refused = (operatorId: OperatorId, ms: number) => void pausedUntil.set(operatorId, performance.now() + ms);

  return async (newRun, { awaited }) => {
    const { operatorId, runId } = newRun;
    if (!isPlain(newRun)) return undefined;
    const until = pausedUntil.get(operatorId);
    if (until !== undefined) {
      if (performance.now() < until) return undefined;
      pausedUntil.delete(operatorId);
    }
    try {
      const deadlineAt = deps.clock.now() + ANSWER_WITHIN_MS;
      const request = { body: toHandedRun({ run: newRun, awaited }), askId: runId, deadlineAt };
      const begun = parseBegunAnswer(await deps.requests.ask(operatorId, BEGIN_RUN, request));
      if (begun !== undefined)
        return { ...toQueuedRun(newRun, begun.createdAt), status: RunStatus.Running, attempt: 1, startedAt: begun.startedAt };
      refused(operatorId, REFUSED_PAUSE_MS);
    } catch (err) {
      refused(operatorId, isOpenVibeError(err, "OV_ASK_TIMEOUT") ? SILENT_PAUSE_MS : REFUSED_PAUSE_MS);
      deps.logger.debug({ run_id: runId, operator_id: operatorId, err }, "no worker took the run at once; it goes by the queue");
    }
    return undefined;
  };
}
