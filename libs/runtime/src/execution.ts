/** One run in its owner's hands, from the claim to the end: where it begins, how it is walked through, what ends it (DESIGN §6 rules 4, 5). */
import { isDeepStrictEqual } from "node:util";
import type { Bus } from "@openvibe/bus";
import {
  isOpenVibeError,
  type JsonObject,
  type JsonValue,
  type NodeId,
  type PendingEvent,
  parsePosition,
  type RunId,
  type State,
} from "@openvibe/core";
import type { ClaimedRun } from "@openvibe/store";
import { AuthorCode, ON_COMPLETE } from "./author-code.ts";
import { hasEnded } from "./child-wait.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { findEndAtOnce } from "./end-at-once.ts";
import { EnterAt, type ExecutionEnd, LeaveGraph } from "./leave-graph.ts";
import { LiveTeller } from "./live-teller.ts";
import { runFields } from "./log-fields.ts";
import { NodeSurroundings, type NodeSurroundingsDeps } from "./node-surroundings.ts";
import type { TellHooks } from "./operator-hooks.ts";
import { patiently } from "./patience.ts";
import { deadlineOf } from "./run-deadline.ts";
import { RunExit, type RunExitDeps } from "./run-exit.ts";
import type { RunInHand } from "./run-in-hand.ts";
import { RunInterruption } from "./run-interruption.ts";
import { RunRecord, type RunRecordDeps } from "./run-record.ts";
import type { RunSlot } from "./run-slot.ts";
import { RunSteps, type RunStepsDeps } from "./run-steps.ts";
import type { ServedWorkflow } from "./served-operator.ts";
import { toFailure } from "./to-failure.ts";

/** What all runs of a process share. */
export interface ExecutionDeps
  extends NodeSurroundingsDeps,
    RunStepsDeps,
    RunExitDeps,
    Omit<RunRecordDeps, "slot" | "hasChildren" | "tellHooks"> {
  readonly runs: NodeSurroundingsDeps["runs"];
  readonly bus: Bus;
}

/** What one run has for itself. */
export interface ExecutedRun {
  readonly claimed: ClaimedRun;
  readonly workflow: ServedWorkflow;
  readonly slot: Pick<RunSlot, "whileAsking" | "leave">;
  /** Of the run's operator, where it has some. */
  readonly tellHooks: TellHooks | undefined;
}

export class RunExecution {
  /** Someone's cancel and the stop of this process come in here. */
  readonly interruption: RunInterruption;
  readonly #deps: ExecutionDeps;
  readonly #hand: RunInHand;
  readonly #code: AuthorCode;
  readonly #exit: RunExit;
  readonly #steps: RunSteps;
  readonly #tellHooks: TellHooks | undefined;

  constructor(deps: ExecutionDeps, { claimed, workflow, slot, tellHooks }: ExecutedRun) {
    const { run, state, position } = claimed;
    const start = state === null || position === null ? undefined : parsePosition(position);
    const interruption = new RunInterruption(run.runId);
    const record = new RunRecord({ ...deps, slot, hasChildren: workflow.hasChildren, tellHooks }, claimed, start);
    const live = new LiveTeller(deps.bus.signals, deps.clock, run);
    const hand = { run, claimed, workflow, start, record, live, interruption };
    const surroundings = new NodeSurroundings(deps, hand, (asking) => slot.whileAsking(asking));
    this.interruption = interruption;
    this.#deps = deps;
    this.#hand = hand;
    this.#code = new AuthorCode(hand, surroundings);
    this.#exit = new RunExit(deps, hand);
    this.#steps = new RunSteps(deps, { hand, surroundings, code: this.#code, exit: this.#exit });
    this.#tellHooks = tellHooks;
  }

  /** Goes on with the run where it stands. Never throws. */
  async run(): Promise<ExecutionEnd> {
    const { run, workflow, record } = this.#hand;
    const { clock, logger, outOfTime } = this.#deps;
    const now = clock.now();
    const deadline = deadlineOf(run, workflow.manifest, now);
    const watch = deadline === undefined ? undefined : this.interruption.watchDeadline(deadline.at - now);
    try {
      return await this.#goOn();
    } catch (error) {
      if (error instanceof LeaveGraph) return error.end;
      // Not the author's code: that was caught where it ran. The run stays as it is and is claimed again.
      if (outOfTime.aborted && isOpenVibeError(error, "OV_STORE_UNAVAILABLE"))
        logger.warn({ ...runFields(run), err: error }, "the store does not answer; the run is left to whoever claims it next");
      else logger.error({ ...runFields(run), err: error }, "a run was left in an unexpected way");
      await this.#exit.release();
      return "lost"; // not at once: what was unexpected may be so again
    } finally {
      clearTimeout(watch);
      record.outbox.abandon();
    }
  }

  async #goOn(): Promise<ExecutionEnd> {
    const { run, claimed, workflow, start, interruption, record } = this.#hand;
    if (run.attempt > 1) await patiently(() => record.outbox.skipPublished(), { signal: interruption.signal }).catch(() => {});
    if (this.#tellHooks !== undefined && claimed.outbox.events.at(-1)?.type === "run.started" && run.attempt === 1)
      record.outbox.tell(record.outbox.committedMark - 1); // the claim has committed it
    record.outbox.committed(record.outbox.mark);
    if (run.cancelRequested || (run.parentRunId !== null && (await this.#isOrphan(run.parentRunId))))
      return await this.#exit.end("cancelled");
    const position = claimed.state === null ? workflow.plan.entry : (start?.stepId ?? null);
    const end = findEndAtOnce(claimed, workflow, position);
    if (end !== undefined) return await this.#exit.end(end.status, end.error);
    const state = await this.#openState();
    if (position !== null) await this.#walk(state, position);
    await this.#complete();
    return "ended";
  }

  /** Its parent ended before it began, and may have looked for children to cancel before this one was there. */
  async #isOrphan(parentRunId: RunId): Promise<boolean> {
    const { claimed, interruption } = this.#hand;
    if (claimed.state !== null) return false;
    const asking = patiently(() => this.#deps.children.statusOf(parentRunId), { signal: interruption.signal });
    return await asking.then(hasEnded, () => false);
  }

  async #openState(): Promise<State> {
    const { run, claimed, workflow, record } = this.#hand;
    const { code, defaults } = workflow;
    if (claimed.state !== null) {
      record.written = claimed.state;
      return deepFreeze({ ...(defaults as State), ...record.written });
    }
    try {
      const { state } = code.openState(run.input);
      record.written = takeOver(state, run.input);
      return deepFreeze(state);
    } catch (error) {
      await this.#exit.end("failed", toFailure(error, "OV_INPUT_INVALID"));
      throw new LeaveGraph("ended");
    }
  }

  /** A `goto` leaves the graph and enters it anew; an `end` only leaves it. */
  async #walk(state: State, position: NodeId): Promise<void> {
    for (let at = { state, position }; ; ) {
      try {
        return await this.#hand.workflow.graph.run(this.#steps, at);
      } catch (error) {
        if (!(error instanceof EnterAt)) throw error;
        if (error.position === null) return;
        at = { state: error.state, position: error.position };
      }
    }
  }

  /** After the last step: `onComplete`, then the terminal commit. */
  async #complete(): Promise<void> {
    const { run, workflow, record } = this.#hand;
    if (record.ended) return;
    await this.#exit.leaveIfInterrupted("between");
    const state = deepFreeze({ ...(workflow.defaults as State), ...record.written });
    let events: readonly PendingEvent[];
    try {
      events = await this.#code.runOnComplete(state);
    } catch (error) {
      await this.#exit.leaveIfInterrupted("thrown");
      this.#deps.logger.warn({ ...runFields(run), node_id: ON_COMPLETE, err: error }, "onComplete failed");
      await this.#exit.end("failed", toFailure(error, "OV_NODE_FAILED", ON_COMPLETE));
      return;
    }
    for (const { node_id: _, ...event } of events) record.outbox.add(event); // it is no node
    await record.commitEnd("completed", null);
  }
}

/** The fields that were given. Those that were taken as they are stay the input's own values, so that the store need not write them again. */
function takeOver(state: State, input: JsonObject): State {
  const given = Object.entries(state).filter(([field]) => Object.hasOwn(input, field));
  return Object.fromEntries(
    given.map(([field, value]) => [field, isDeepStrictEqual(value, input[field]) ? (input[field] as JsonValue) : value]),
  );
}
