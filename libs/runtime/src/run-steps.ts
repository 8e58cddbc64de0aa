/**
 * The steps of a run, one after the other: each is run and committed, and its commit says where the run goes on (DESIGN §6 rule 4).
 * Longer than two screens because it is one state machine: whoever changes a line must see the others.
 */
import {
  type Clock,
  type Interrupt,
  type JsonObject,
  type Logger,
  type NodeId,
  type Onward,
  OpenVibeError,
  type PendingEvent,
  type RunError,
  type State,
  type StepCode,
  toIso,
} from "@openvibe/core";
import { HumanRoute, type PlannedStep, type Position, type StepOutcome, type StepRunner, WaitRoute } from "@openvibe/graph";
import type { AuthorCode } from "./author-code.ts";
import { EnterAt, LeaveGraph } from "./leave-graph.ts";
import { runFields } from "./log-fields.ts";
import { countPass, leaveLoops } from "./loop-passes.ts";
import type { NodeSurroundings } from "./node-surroundings.ts";
import type { RuntimeObserver } from "./observer.ts";
import { nextOf } from "./onward.ts";
import type { Pause, Woken } from "./pausing.ts";
import { triedBefore } from "./retrying.ts";
import type { RunExit } from "./run-exit.ts";
import type { RunInHand } from "./run-in-hand.ts";
import { getCode, isCheckpointed } from "./served-operator.ts";
import { toFailure } from "./to-failure.ts";

export interface RunStepsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: RuntimeObserver;
  /** Whether each step's patch is kept beside the newest state. */
  readonly history: boolean;
}

/** The other parts of the run's execution. */
export interface RunStepsParts {
  readonly hand: RunInHand;
  readonly surroundings: NodeSurroundings;
  readonly code: AuthorCode;
  readonly exit: RunExit;
}

export class RunSteps implements StepRunner {
  readonly #deps: RunStepsDeps;
  readonly #hand: RunInHand;
  readonly #surroundings: NodeSurroundings;
  readonly #code: AuthorCode;
  readonly #exit: RunExit;
  /** The wake-up that this pass began with, until the step it is meant for has had it. */
  #woken: Woken | undefined;

  constructor(deps: RunStepsDeps, { hand, surroundings, code, exit }: RunStepsParts) {
    this.#deps = deps;
    this.#hand = hand;
    this.#surroundings = surroundings;
    this.#code = code;
    this.#exit = exit;
    const { run, wakeKind, wakeBody } = hand.claimed;
    const { interrupt } = run;
    this.#woken = wakeKind === "start" || interrupt === null ? undefined : { kind: wakeKind, body: wakeBody, interrupt };
  }

  /** Runs one step and commits it. Called by the graph. @throws LeaveGraph, EnterAt */
  async step(step: PlannedStep, state: State, mayDefer: boolean): Promise<StepOutcome> {
    await this.#exit.leaveIfInterrupted("between");
    const { run, workflow, record, live } = this.#hand;
    const startedAt = this.#deps.clock.now();
    const started = performance.now();
    this.#surroundings.beginStep();
    const code = getCode(workflow.code.steps, step.id, `operator ${run.operatorId} workflow ${run.workflowId}`);
    const woken = this.#takeWoken(step.id);
    record.history.begin(triedBefore(woken)?.attempt);
    // Who waits at a step has begun it.
    if (step.manifest.when === true && woken === undefined) {
      const holds = await this.#asksWhen(step, code, state, startedAt);
      if (!holds) return await this.#skip(step, state, startedAt);
    }
    const toldEnd = live.begin(step.id, step.manifest.kind);
    const done = await this.#code
      .runStep(step, code, state, woken)
      .finally(toldEnd)
      .catch(async (error: unknown) => {
        await this.#exit.leaveIfInterrupted("thrown");
        return await this.#fail(step, error, startedAt, performance.now() - started);
      });
    if ("pause" in done) return await this.#park(step, done.pause, done.events);
    const durationMs = performance.now() - started;
    record.written = done.written;
    if (step.manifest.kind === "loop") countPass(record, step, done.position);
    else if (step.manifest.kind === "branch") leaveLoops(record, workflow.plan, step, done.position);
    record.usage.nodeExecuted();
    this.#deps.observer.nodeEnded({ type: step.manifest.kind, durationSeconds: durationMs / 1_000 });
    for (const event of done.events) record.outbox.add(event);
    record.outbox.add(record.event("node.completed", this.#nodeData(startedAt, durationMs), step.id));
    this.#keepHistory(step, startedAt, durationMs, { patch: done.patch, next: nextOf(done.onward, done.position) });
    const after = Object.freeze({ ...state, ...done.patch });
    if (done.onward === undefined) await this.#commit(done.position, mayDefer);
    else await this.#leaveBy(done.onward, step, done.position, after);
    return { state: after, position: done.position };
  }

  #takeWoken(nodeId: NodeId): Woken | undefined {
    if (this.#woken?.interrupt.node_id !== nodeId) return undefined;
    const woken = this.#woken;
    this.#woken = undefined; // in a loop the same step waits again
    return woken;
  }

  /** Whether a step's `when` holds. */
  async #asksWhen(step: PlannedStep, code: StepCode, state: State, startedAt: number): Promise<boolean> {
    try {
      const answer: unknown = code.when?.(state);
      if (typeof answer === "boolean") return answer;
      const what = `step ${step.id}: when gave a value of type ${typeof answer}; allowed is true or false`;
      throw new OpenVibeError("OV_NODE_FAILED", what);
    } catch (error) {
      return await this.#fail(step, error, startedAt, 0);
    }
  }

  /** The step leaves nothing but its place, which moves with the next commit; after a crash before that its condition is asked again. */
  async #skip(step: PlannedStep, state: State, startedAt: number): Promise<StepOutcome> {
    const position = step.kind === "linear" ? step.next : (step.routes[HumanRoute.Answered] ?? step.routes[WaitRoute.Arrived] ?? null);
    this.#hand.live.tell("node.skipped", step.id, { kind: step.manifest.kind });
    this.#keepHistory(step, startedAt, 0, { patch: {}, next: position, skipped: true });
    await this.#commit(position, position !== null);
    return { state, position };
  }

  /** The run waits: it holds no worker and no message until its wake-up. */
  async #park(step: PlannedStep, { interrupt, due, told = interrupt.data }: Pause, events: readonly PendingEvent[]): Promise<never> {
    const { record } = this.#hand;
    for (const event of events) record.outbox.add(event);
    record.outbox.add(record.event("run.waiting", { kind: interrupt.kind, ...told }, step.id));
    await record.commit("waiting", step.id, { interrupt, ...(due === undefined ? {} : { due }) });
    await record.sendOutbox(interrupt);
    throw new LeaveGraph("ended");
  }

  /** A node has said how to go on; its own result is committed with that. */
  async #leaveBy(onward: Onward, step: PlannedStep, next: Position, state: State): Promise<void> {
    const { record, workflow } = this.#hand;
    switch (onward.kind) {
      case "sleep": {
        const until = toIso(this.#deps.clock.now() + onward.durationMs);
        record.outbox.add(record.event("run.waiting", { kind: "timer", until }, step.id));
        const interrupt: Interrupt = { kind: "timer", node_id: step.id, data: { until } };
        await record.commit("waiting", next, { interrupt, due: { afterMs: onward.durationMs } });
        await record.sendOutbox();
        throw new LeaveGraph("ended");
      }
      case "end":
        await this.#commit(null, false);
        throw new EnterAt(state, null);
      case "goto":
        leaveLoops(record, workflow.plan, step, onward.nodeId);
        await this.#commit(onward.nodeId, false);
        throw new EnterAt(state, onward.nodeId);
      default:
        return onward satisfies never;
    }
  }

  /** Behind a step: the run goes on at `position`, or has completed. */
  async #commit(position: Position, mayDefer: boolean): Promise<void> {
    const { record, workflow, interruption } = this.#hand;
    const ends = position === null && workflow.code.onComplete === undefined;
    if ((mayDefer || (!ends && !isCheckpointed(workflow))) && !interruption.draining && interruption.by === undefined) {
      record.defer(position);
      return;
    }
    if (ends) return await record.commitEnd("completed", position);
    await record.commit("running", position);
    if (interruption.draining && position !== null) throw new LeaveGraph(await this.#exit.release());
  }

  async #fail(step: PlannedStep, error: unknown, startedAt: number, durationMs: number): Promise<never> {
    const { run, record } = this.#hand;
    record.usage.nodeFailed();
    this.#deps.observer.nodeEnded({ type: step.manifest.kind, durationSeconds: durationMs / 1_000 });
    const failure = toFailure(error, "OV_NODE_FAILED", step.id);
    this.#deps.logger.warn({ ...runFields(run), node_id: step.id, code: failure.code, err: error }, "a node failed");
    record.outbox.add(
      record.event("node.failed", { started_at: toIso(startedAt), duration_ms: round(durationMs), error: { ...failure } }, step.id),
    );
    this.#keepHistory(step, startedAt, durationMs, { patch: {}, next: null, error: failure });
    await this.#exit.end("failed", failure);
    throw new LeaveGraph("ended");
  }

  #keepHistory(
    step: PlannedStep,
    startedAt: number,
    durationMs: number,
    what: { readonly patch: State; readonly next: Position; readonly error?: RunError; readonly skipped?: true },
  ): void {
    if (!this.#deps.history) return;
    const { run, record } = this.#hand;
    const usage = this.#surroundings.stepUsage;
    record.history.ended({ step, attempt: run.attempt, startedAt, durationMs: round(durationMs), usage, ...what });
  }

  #nodeData(startedAt: number, durationMs: number): JsonObject {
    const base = { started_at: toIso(startedAt), duration_ms: round(durationMs) };
    const { llm_calls, tokens_in, tokens_out, cost_usd } = this.#surroundings.stepUsage;
    return llm_calls === 0 ? base : { ...base, tokens_in, tokens_out, cost_usd };
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
