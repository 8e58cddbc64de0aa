import type { OpenedAdapters } from "@openvibe/composition";
import { type Clock, isFinal, type JsonObject, OpenVibeError, type Run, type RunId } from "@openvibe/core";
import { resumeRun } from "@openvibe/runtime";
import type { EndedRun } from "../runtime.ts";
import { type Pacing, patience } from "./patience.ts";

/** A run that waits, and what for. */
export type WaitingRun = Run & { readonly interrupt: NonNullable<Run["interrupt"]> };

/** One run in a test. Whatever does not happen within the kit's `timeoutMs` fails with OV_ASK_TIMEOUT, which says how the run stands. */
export interface TestRun<Output = JsonObject> {
  readonly runId: RunId;
  /** As it stands now. */
  find(): Promise<Run>;
  /** Once it waits: for an answer, for time, for something else. @throws OpenVibeError OV_RUN_NOT_WAITING when it has ended */
  waiting(): Promise<WaitingRun>;
  /** Answers once people are asked. @throws OpenVibeError OV_ANSWER_INVALID (it waits on), OV_RUN_NOT_WAITING */
  answer(answer: Output, options?: { readonly by?: string }): Promise<void>;
  /** Its final state, whatever that is. */
  ended(): Promise<EndedRun<Output>>;
}

export interface TestRunDeps extends Pacing {
  readonly adapters: OpenedAdapters;
  readonly clock: Clock;
}

export function createTestRun({ adapters, clock, ...pacing }: TestRunDeps, runId: RunId): TestRun {
  const { runs } = adapters.store;
  const { timeoutMs } = pacing;
  const find = async () => {
    const run = await runs.find(runId);
    if (run === undefined) throw new OpenVibeError("OV_RUN_NOT_FOUND", `there is no run ${runId}`);
    return run;
  };
  const waitingFor = async (wanted: (run: WaitingRun) => boolean, what: string): Promise<WaitingRun> => {
    let run = await find();
    const patient = patience(pacing);
    while (!(isWaiting(run) && wanted(run))) {
      if (isFinal(run.status)) throw new OpenVibeError("OV_RUN_NOT_WAITING", `${shownRun(run)} and does not wait ${what}`);
      if (!(await patient.again()))
        throw new OpenVibeError("OV_ASK_TIMEOUT", `${shownRun(run)} after ${timeoutMs} ms and does not wait ${what}`);
      run = await find();
    }
    return run;
  };
  return {
    runId,
    find,
    waiting: () => waitingFor(() => true, "for anything"),
    async answer(answer, { by } = {}) {
      const run = await waitingFor(({ interrupt }) => interrupt.kind === "human", "for an answer");
      const resumed = await resumeRun({ runs, queue: adapters.bus.queue, clock }, run, { answer, ...(by === undefined ? {} : { by }) });
      await resumed.published;
    },
    async ended() {
      for (const patient = patience(pacing); ; ) {
        const run = await find();
        if (isFinal(run.status)) return run;
        if (!(await patient.again())) throw new OpenVibeError("OV_ASK_TIMEOUT", `${shownRun(run)} after ${timeoutMs} ms${adviceFor(run)}`);
      }
    },
  };
}

/** `run run_1 (nurture.chase) is failed (OV_NODE_FAILED: …)`. */
export function shownRun({ runId, operatorId, workflowId, status, error, interrupt }: Run): string {
  const why = error === null ? "" : ` (${error.code}: ${error.message})`;
  const at = status !== "waiting" || interrupt === null ? "" : ` at ${interrupt.node_id}`;
  return `run ${runId} (${operatorId}.${workflowId}) is ${status}${at}${why}`;
}

function adviceFor({ status, interrupt }: Run): string {
  if (status !== "waiting" || interrupt === null) return "";
  if (interrupt.kind === "human") return `: it waits for run.answer(…)`;
  const { until } = interrupt.data;
  return typeof until === "string" ? `: it waits until ${until}, which kit.skip(…) lets come` : `: it waits for ${interrupt.kind}`;
}

function isWaiting(run: Run): run is WaitingRun {
  return run.status === "waiting" && run.interrupt !== null;
}
