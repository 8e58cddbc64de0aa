/**
 * One run in its owner's hands, from the claim to the end: steps are committed one by one, events leave after their commit (DESIGN §6 rules 4, 5).
 * Longer than a screen or two because it is one state machine: whoever changes a line must see the others.
 */
import type { Bus } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import {
  atCodePlace,
  type Clock,
  type CodePlace,
  type FinalStatus,
  type Interrupt,
  isOpenVibeError,
  type JsonObject,
  type Logger,
  type LoopPosition,
  MAX_SILENT_CLAIMS,
  NO_METRICS,
  type NodeId,
  type Onward,
  OpenVibeError,
  type OwnerId,
  type PendingEvent,
  type ProblemCode,
  parsePosition,
  type Run,
  type RunError,
  type RunId,
  type State,
  type StepCode,
  toIso,
} from "@openvibe/core";
import {
  HumanRoute,
  LoopRoute,
  leadsBack,
  type PlannedStep,
  type Position,
  type StepOutcome,
  type StepRunner,
  WaitRoute,
} from "@openvibe/graph";
import type { Completion, LlmProvider } from "@openvibe/llm";
import type { CheckpointStore, ChildStore, ClaimedRun, EventWaitStore, RunStore, SubStepStore } from "@openvibe/store";
import type { Catalogue } from "./accept/catalogue.ts";
import { openChildRuns } from "./child-runs.ts";
import { hasEnded } from "./child-wait.ts";
import { DurableAsks, type DurableAsksDeps } from "./durable-asks.ts";
import type { GraphStepDeps } from "./graph-step.ts";
import { EnterAt, type ExecutionEnd, LeaveGraph } from "./leave-graph.ts";
import { LiveTeller } from "./live-teller.ts";
import { runFields } from "./log-fields.ts";
import { meterLlm, tellCompletion } from "./metered-llm.ts";
import { askHeld, type NodeContextDeps, openNodeContext } from "./node-context.ts";
import type { RuntimeObserver } from "./observer.ts";
import type { TellHooks } from "./operator-hooks.ts";
import type { KeptResults } from "./once.ts";
import { patiently } from "./patience.ts";
import { beganBefore, type Pause, type Woken } from "./pausing.ts";
import { triedBefore } from "./retrying.ts";
import { deadlineOf } from "./run-deadline.ts";
import { RunRecord } from "./run-record.ts";
import { runStep } from "./run-step.ts";
import type { SentMarks } from "./sent-marks.ts";
import { getCode, type ServedWorkflow } from "./served-operator.ts";
import { StateSize } from "./state-size.ts";
import { MAX_TIMER_MS, withStepTimeout } from "./step-timeout.ts";
import { toFailure } from "./to-failure.ts";
import { UsageMeter } from "./usage-meter.ts";

/** Where `onComplete` stands in events, errors and effect keys; it is no node. */
const ON_COMPLETE = "on_complete";
/** So long a store that does not answer is asked to take a run back. */
const RELEASE_MS = 3_000;
/** What models of a brought graph count as. */
const BROUGHT = "langchain";

export interface ExecutionDeps {
  readonly bus: Bus;
  readonly runs: RunStore;
  readonly subSteps: SubStepStore;
  readonly checkpoints: CheckpointStore;
  readonly eventWaits: EventWaitStore;
  readonly children: ChildStore;
  /** For the workflows of children. */
  readonly catalogue: Pick<Catalogue, "getWorkflowOf">;
  readonly context: SharedContext;
  readonly llm: LlmProvider;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: RuntimeObserver;
  readonly owner: OwnerId;
  readonly sentMarks: SentMarks;
  readonly whileAsking: <T>(asking: Promise<T>) => Promise<T>;
  /** Aborts when the process that stops waits no longer for a store that does not answer. */
  readonly outOfTime: AbortSignal;
  /** Whether each step's patch is kept beside the newest state. */
  readonly history: boolean;
  /** Of the run's operator, where it has some. */
  readonly tellHooks?: TellHooks | undefined;
}

type Interruption = "cancel" | "deadline" | "drain";
const INTERRUPTED_BY: Record<Interruption, ProblemCode> = {
  cancel: "OV_RUN_CANCELLED",
  deadline: "OV_RUN_TIMEOUT",
  drain: "OV_SHUTTING_DOWN",
};

interface Done {
  readonly onward?: Onward;
  readonly patch: State;
  readonly written: State;
  readonly position: Position;
  readonly events: readonly PendingEvent[];
}

export class RunExecution implements StepRunner {
  readonly runId: string;
  readonly #deps: ExecutionDeps;
  readonly #claimed: ClaimedRun;
  readonly #workflow: ServedWorkflow;
  readonly #run: Run;
  readonly #record: RunRecord;
  readonly #live: LiveTeller;
  /** What the running step used. */
  #stepUsage = new UsageMeter(NO_METRICS);
  readonly #size = new StateSize();
  readonly #abort = new AbortController();
  readonly #interrupted: Promise<never>;
  /** Rejects `#interrupted`. */
  readonly #leave: (error: Error) => void;
  #interruption: Interruption | undefined;
  #draining = false;
  /** Where the store has it; `undefined` before the first step and behind the last. */
  readonly #start: LoopPosition | undefined;
  /** The wake-up that this pass began with, until the step it is meant for has had it. */
  #woken: Woken | undefined;
  #hops: Promise<number> | undefined;

  constructor(deps: ExecutionDeps, claimed: ClaimedRun, workflow: ServedWorkflow) {
    this.#deps = deps;
    this.#claimed = claimed;
    this.#workflow = workflow;
    this.#run = claimed.run;
    this.runId = claimed.run.runId;
    this.#start = claimed.state === null || claimed.position === null ? undefined : parsePosition(claimed.position);
    const { interrupt } = claimed.run;
    this.#woken =
      claimed.wakeKind === "start" || interrupt === null ? undefined : { kind: claimed.wakeKind, body: claimed.wakeBody, interrupt };
    this.#record = new RunRecord({ ...deps, hasChildren: workflow.hasChildren }, claimed, this.#start);
    this.#live = new LiveTeller(deps.bus.signals, deps.clock, claimed.run);
    const { signal } = this.#abort;
    const { promise, reject } = Promise.withResolvers<never>();
    this.#interrupted = promise;
    this.#leave = reject;
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    this.#interrupted.catch(() => {}); // nobody may be listening when it happens
  }

  /** Someone asked for a cancel: the running node is aborted. */
  cancel(): void {
    this.#interrupt("cancel");
  }

  /** The process is about to stop: the run is given back after the running step. */
  drain(): void {
    this.#draining = true;
  }

  /** The process has waited long enough for the running step. */
  abortForDrain(): void {
    this.#draining = true;
    this.#interrupt("drain");
  }

  #interrupt(by: Interruption): void {
    this.#interruption ??= by;
    this.#abort.abort(new OpenVibeError(INTERRUPTED_BY[by], `run ${this.runId} was interrupted: ${by}`));
  }

  /** Goes on with the run where it stands. Never throws. */
  async run(): Promise<ExecutionEnd> {
    const deadline = this.#watchDeadline();
    try {
      return await this.#goOn();
    } catch (error) {
      if (error instanceof LeaveGraph) return error.end;
      // Not the author's code: that was caught where it ran. The run stays as it is and is claimed again.
      const { logger, outOfTime } = this.#deps;
      if (outOfTime.aborted && isOpenVibeError(error, "OV_STORE_UNAVAILABLE"))
        logger.warn({ ...runFields(this.#run), err: error }, "the store does not answer; the run is left to whoever claims it next");
      else logger.error({ ...runFields(this.#run), err: error }, "a run was left in an unexpected way");
      await this.#release();
      return "lost"; // not at once: what was unexpected may be so again
    } finally {
      clearTimeout(deadline);
      this.#record.outbox.abandon();
    }
  }

  async #goOn(): Promise<ExecutionEnd> {
    if (this.#run.attempt > 1) await patiently(() => this.#record.outbox.skipPublished(), { signal: this.#abort.signal }).catch(() => {});
    if (this.#deps.tellHooks !== undefined && this.#claimed.outbox.events.at(-1)?.type === "run.started" && this.#run.attempt === 1)
      this.#record.outbox.tell(this.#record.outbox.committedMark - 1); // the claim has committed it
    this.#record.outbox.committed(this.#record.outbox.mark);
    if (this.#run.cancelRequested || (this.#run.parentRunId !== null && (await this.#isOrphan(this.#run.parentRunId))))
      return await this.#end("cancelled");
    if (this.#claimed.silentClaims >= MAX_SILENT_CLAIMS) {
      const detail = `run ${this.runId}: ${this.#claimed.silentClaims} workers in a row fell silent with it and no step between`;
      return await this.#end("dead_lettered", { code: "OV_RUN_ABANDONED", message: detail });
    }
    if (!this.#checkpointed && this.#claimed.silentClaims > 0) {
      const message = `run ${this.runId}: its worker fell silent, and workflow ${this.#run.workflowId} keeps no steps (checkpointed: false)`;
      return await this.#end("failed", { code: "OV_RUN_LOST", message });
    }
    const state = await this.#openState();
    const position = this.#claimed.state === null ? this.#workflow.plan.entry : (this.#start?.stepId ?? null);
    if (position !== null) {
      if (!this.#workflow.plan.steps.has(position)) {
        const message = `run ${this.runId} stands before step ${position}, which version ${this.#run.definition} of ${this.#run.operatorId} has not`;
        return await this.#end("failed", { code: "OV_DEFINITION_UNKNOWN", message });
      }
      await this.#walk(state, position);
    }
    await this.#complete();
    return "ended";
  }

  /** Its parent ended before it began, and may have looked for children to cancel before this one was there. */
  async #isOrphan(parentRunId: RunId): Promise<boolean> {
    if (this.#claimed.state !== null) return false;
    const asking = patiently(() => this.#deps.children.statusOf(parentRunId), { signal: this.#abort.signal });
    return await asking.then(hasEnded, () => false);
  }

  /** A `goto` leaves the graph and enters it anew. */
  async #walk(state: State, position: NodeId): Promise<void> {
    for (let at = { state, position }; ; ) {
      try {
        return await this.#workflow.graph.run(this, at);
      } catch (error) {
        if (!(error instanceof EnterAt)) throw error;
        at = error;
      }
    }
  }

  async #openState(): Promise<State> {
    const { code, defaults } = this.#workflow;
    if (this.#claimed.state !== null) {
      this.#record.written = this.#claimed.state;
      return deepFreeze({ ...(defaults as State), ...this.#record.written });
    }
    try {
      const { state } = code.openState(this.#run.input);
      this.#record.written = Object.fromEntries(Object.entries(state).filter(([field]) => Object.hasOwn(this.#run.input, field)));
      return deepFreeze(state);
    } catch (error) {
      await this.#end("failed", toFailure(error, "OV_INPUT_INVALID"));
      throw new LeaveGraph("ended");
    }
  }

  /** Runs one step and commits it. Called by the graph. */
  async step(step: PlannedStep, state: State, mayDefer: boolean): Promise<StepOutcome> {
    await this.#leaveIfInterrupted("between");
    const startedAt = this.#deps.clock.now();
    const started = performance.now();
    this.#stepUsage = new UsageMeter(NO_METRICS);
    const code = getCode(this.#workflow.code.steps, step.id, `operator ${this.#run.operatorId} workflow ${this.#run.workflowId}`);
    const woken = this.#takeWoken(step.id);
    this.#record.history.begin(triedBefore(woken)?.attempt);
    // Who waits at a step has begun it.
    if (step.manifest.when === true && woken === undefined) {
      const holds = await this.#asksWhen(step, code, state, startedAt);
      if (!holds) return await this.#skip(step, state, startedAt);
    }
    const toldEnd = this.#live.begin(step.id, step.manifest.kind);
    const done = await this.#runCode(step, code, state, woken)
      .finally(toldEnd)
      .catch(async (error: unknown) => {
        if (error instanceof LeftForAnswers) return this.#toPause(error);
        await this.#leaveIfInterrupted("thrown");
        return await this.#failStep(step, error, startedAt, performance.now() - started);
      });
    if ("pause" in done) return await this.#park(step, done.pause, done.events);
    const durationMs = performance.now() - started;
    this.#record.written = done.written;
    if (step.manifest.kind === "loop") this.#countPass(step, done.position);
    else if (step.manifest.kind === "branch") this.#goFrom(step, done.position);
    this.#record.usage.nodeExecuted();
    this.#deps.observer.nodeEnded({ type: step.manifest.kind, durationSeconds: durationMs / 1_000 });
    for (const event of done.events) this.#record.outbox.add(event);
    this.#record.outbox.add(this.#record.event("node.completed", this.#nodeData(startedAt, durationMs), step.id));
    this.#keepHistory(step, startedAt, durationMs, { patch: done.patch, next: nextOf(done) });
    const after = Object.freeze({ ...state, ...done.patch });
    if (done.onward === undefined) await this.#afterStep(done.position, mayDefer);
    else await this.#leaveBy(done.onward, step, done.position, after);
    return { state: after, position: done.position };
  }

  /** Runs a step's code within its time, and checks what it returned. */
  async #runCode(
    step: PlannedStep,
    code: StepCode,
    state: State,
    woken: Woken | undefined,
  ): Promise<Done | { pause: Pause; events: readonly PendingEvent[] }> {
    const began = beganBefore(woken) ?? this.#record.step;
    const deltas = this.#live.deltas(step.id);
    const onRetry = (data: JsonObject) => {
      this.#record.usage.nodeFailed();
      this.#record.history.retried();
      this.#live.tell("node.retrying", step.id, data);
    };
    return await withStepTimeout(step, { signal: this.#abort.signal, interrupted: this.#interrupted }, async (signal) => {
      const progress = this.#lazyProgress(step.id);
      const nodeDeps = this.#nodeDeps(step.id, { signal, began, tried: triedBefore(woken), tellProgress: progress.tell });
      const close = () => {
        deltas.end();
        progress.end();
        node.close();
      };
      const openAsks: NodeContextDeps["openAsks"] = (isBusy, tried) => this.#openAsks(nodeDeps, { began, woken, isBusy, tried, close });
      const mayBeLeft = step.manifest.kind === "node" && this.#checkpointed;
      const node = openNodeContext(mayBeLeft ? { ...nodeDeps, openAsks } : nodeDeps);
      try {
        const deps = {
          llm: this.#meteredLlm(step.id),
          onRetry,
          onDelta: deltas.onDelta,
          nextAttempt: node.nextAttempt,
          woken,
          began,
          passes: this.#record.passes.get(step.id) ?? 0,
          graph: () => this.#graphDeps(step.id),
          waiting: { store: this.#deps.eventWaits, claimed: this.#claimed, step: this.#record.step },
          children: () => openChildRuns({ ...this.#deps, parent: this.#run, queue: this.#deps.bus.queue, signal }),
        };
        const result = await atCodePlace(this.#placeOf(step.id), () => runStep(step, code, state, node.ctx, deps));
        if ("interrupt" in result) return { pause: result, events: node.events };
        const { patch: returned, position, onward } = result;
        this.#checkOnward(onward, step);
        const patch = deepFreeze(this.#workflow.code.checkPatch(returned, step.id));
        const written = { ...this.#record.written, ...patch };
        this.#size.check(step.id, { before: this.#record.written, patch, after: written });
        return { patch, written, position, events: node.events, ...(onward === undefined ? {} : { onward }) };
      } finally {
        close();
      }
    });
  }

  /** What the node's code still does is dropped; what it published it publishes anew when it is run again. */
  #toPause({ pause }: LeftForAnswers): { pause: Pause; events: readonly PendingEvent[] } {
    this.#abort.abort(new OpenVibeError("OV_NODE_FAILED", `run ${this.runId}: the node was left; it is run again when an answer is there`));
    return { pause, events: [] };
  }

  /** Whether a step's `when` holds. */
  async #asksWhen(step: PlannedStep, code: StepCode, state: State, startedAt: number): Promise<boolean> {
    try {
      const answer: unknown = code.when?.(state);
      if (typeof answer === "boolean") return answer;
      const what = `step ${step.id}: when gave a value of type ${typeof answer}; allowed is true or false`;
      throw new OpenVibeError("OV_NODE_FAILED", what);
    } catch (error) {
      return await this.#failStep(step, error, startedAt, 0);
    }
  }

  /** The step leaves nothing but its place, which moves with the next commit; after a crash before that its condition is asked again. */
  async #skip(step: PlannedStep, state: State, startedAt: number): Promise<StepOutcome> {
    const position = step.kind === "linear" ? step.next : (step.routes[HumanRoute.Answered] ?? step.routes[WaitRoute.Arrived] ?? null);
    this.#live.tell("node.skipped", step.id, { kind: step.manifest.kind });
    this.#keepHistory(step, startedAt, 0, { patch: {}, next: position, skipped: true });
    await this.#afterStep(position, position !== null);
    return { state, position };
  }

  #placeOf(nodeId: NodeId): CodePlace {
    return { run_id: this.#run.runId, operator_id: this.#run.operatorId, node_id: nodeId };
  }

  #takeWoken(nodeId: NodeId): Woken | undefined {
    if (this.#woken?.interrupt.node_id !== nodeId) return undefined;
    const woken = this.#woken;
    this.#woken = undefined; // in a loop the same step waits again
    return woken;
  }

  #countPass(step: PlannedStep, position: Position): void {
    const again = step.kind === "branch" && position === step.routes[LoopRoute.Again];
    if (again) this.#record.passes.set(step.id, (this.#record.passes.get(step.id) ?? 0) + 1);
    else this.#record.passes.delete(step.id);
  }

  /**
   * The run goes to a step outside of some loops it is in: their passes are over. A loop that is gone to itself goes on. Whatever else lies behind it
   * is done anew, with effect keys of its own.
   */
  #goFrom(step: PlannedStep, position: Position): void {
    if (position === null) return;
    if (!step.loops.includes(position) && leadsBack(this.#workflow.plan, step.id, position)) this.#record.returns++;
    const around = this.#workflow.plan.steps.get(position)?.loops;
    for (const loop of this.#record.passes.keys())
      if (loop !== position && around?.includes(loop) !== true) this.#record.passes.delete(loop);
  }

  /** The run waits: it holds no worker and no message until its wake-up. */
  async #park(step: PlannedStep, { interrupt, due, told = interrupt.data }: Pause, events: readonly PendingEvent[]): Promise<never> {
    for (const event of events) this.#record.outbox.add(event);
    this.#record.outbox.add(this.#record.event("run.waiting", { kind: interrupt.kind, ...told }, step.id));
    await this.#record.commit("waiting", step.id, { interrupt, ...(due === undefined ? {} : { due }) });
    await this.#record.sendOutbox(interrupt);
    throw new LeaveGraph("ended");
  }

  /** A node has said how to go on; its own result is committed with that. */
  async #leaveBy(onward: Onward, step: PlannedStep, next: Position, state: State): Promise<void> {
    switch (onward.kind) {
      case "sleep": {
        const until = toIso(this.#deps.clock.now() + onward.durationMs);
        this.#record.outbox.add(this.#record.event("run.waiting", { kind: "timer", until }, step.id));
        const interrupt: Interrupt = { kind: "timer", node_id: step.id, data: { until } };
        await this.#record.commit("waiting", next, { interrupt, due: { afterMs: onward.durationMs } });
        await this.#record.sendOutbox();
        throw new LeaveGraph("ended");
      }
      case "end":
        await this.#afterStep(null, false);
        await this.#complete();
        throw new LeaveGraph("ended");
      case "goto": {
        this.#goFrom(step, onward.nodeId);
        await this.#afterStep(onward.nodeId, false);
        throw new EnterAt(state, onward.nodeId);
      }
      default:
        return onward satisfies never;
    }
  }

  #checkOnward(onward: Onward | undefined, step: PlannedStep): void {
    if (onward?.kind === "sleep" && !this.#checkpointed)
      throw new OpenVibeError(
        "OV_NODE_FAILED",
        `node ${step.id} sleeps, which workflow ${this.#run.workflowId} cannot: it keeps no steps (checkpointed: false)`,
      );
    if (onward?.kind !== "goto") return;
    const target = this.#workflow.plan.steps.get(onward.nodeId);
    const inside = target?.loops.every((loop) => this.#record.passes.has(loop)) === true;
    if (inside) return;
    const steps = [...this.#workflow.plan.steps.values()].filter(({ loops }) => loops.every((loop) => this.#record.passes.has(loop)));
    const why = target === undefined ? "which is no step" : `which stands in a loop that ${step.id} does not`;
    throw new OpenVibeError(
      "OV_ROUTE_UNKNOWN",
      `node ${step.id} goes to ${JSON.stringify(onward.nodeId)}, ${why}; allowed are ${steps.map(({ id }) => id).join(", ")}`,
    );
  }

  async #afterStep(position: Position, mayDefer: boolean): Promise<void> {
    const ends = position === null && this.#workflow.code.onComplete === undefined;
    if ((mayDefer || (!this.#checkpointed && !ends)) && !this.#draining && this.#interruption === undefined) {
      this.#record.defer(position);
      return;
    }
    if (ends) return await this.#record.commitEnd("completed", position);
    await this.#record.commit("running", position);
    if (this.#draining && position !== null) throw new LeaveGraph(await this.#release());
  }

  async #failStep(step: PlannedStep, error: unknown, startedAt: number, durationMs: number): Promise<never> {
    this.#record.usage.nodeFailed();
    this.#deps.observer.nodeEnded({ type: step.manifest.kind, durationSeconds: durationMs / 1_000 });
    const failure = toFailure(error, "OV_NODE_FAILED", step.id);
    this.#deps.logger.warn({ ...runFields(this.#run), node_id: step.id, code: failure.code, err: error }, "a node failed");
    this.#record.outbox.add(
      this.#record.event("node.failed", { started_at: toIso(startedAt), duration_ms: round(durationMs), error: { ...failure } }, step.id),
    );
    this.#keepHistory(step, startedAt, durationMs, { patch: {}, next: null, error: failure });
    await this.#end("failed", failure);
    throw new LeaveGraph("ended");
  }

  #keepHistory(
    step: PlannedStep,
    startedAt: number,
    durationMs: number,
    what: { readonly patch: State; readonly next: Position; readonly error?: RunError; readonly skipped?: true },
  ): void {
    if (!this.#deps.history) return;
    const usage = this.#stepUsage.metrics(0);
    this.#record.history.ended({ step, attempt: this.#run.attempt, startedAt, durationMs: round(durationMs), usage, ...what });
  }

  /** After the last step: `onComplete`, then the terminal commit. */
  async #complete(): Promise<void> {
    const { code, defaults } = this.#workflow;
    if (this.#record.ended) return;
    await this.#leaveIfInterrupted("between");
    const progress = this.#lazyProgress(null);
    const told = { signal: this.#abort.signal, began: this.#record.step, tellProgress: progress.tell };
    const node = openNodeContext(this.#nodeDeps(ON_COMPLETE, told));
    try {
      const state = deepFreeze({ ...(defaults as State), ...this.#record.written });
      await Promise.race([atCodePlace(this.#placeOf(ON_COMPLETE), async () => code.onComplete?.(state, node.ctx)), this.#interrupted]);
    } catch (error) {
      await this.#leaveIfInterrupted("thrown");
      this.#deps.logger.warn({ ...runFields(this.#run), node_id: ON_COMPLETE, err: error }, "onComplete failed");
      await this.#end("failed", toFailure(error, "OV_NODE_FAILED", ON_COMPLETE));
      return;
    } finally {
      progress.end();
      node.close();
    }
    for (const { node_id: _, ...event } of node.events) this.#record.outbox.add(event);
    await this.#record.commitEnd("completed", null);
  }

  async #end(status: FinalStatus, error?: RunError): Promise<ExecutionEnd> {
    await this.#record.commitEnd(status, this.#start?.stepId ?? null, error);
    return "ended";
  }

  /** `between`: no code of the author's has thrown, the run stands between two steps. */
  async #leaveIfInterrupted(at: "between" | "thrown"): Promise<void> {
    switch (this.#interruption) {
      case undefined:
        if (at === "between" && this.#draining) throw new LeaveGraph(await this.#handBack());
        return;
      case "cancel":
        await this.#record.commitCancel();
        throw new LeaveGraph("ended");
      case "deadline": {
        await this.#end("timed_out", { code: "OV_RUN_TIMEOUT", message: this.#deadline()?.message ?? "" });
        throw new LeaveGraph("ended");
      }
      case "drain":
        throw new LeaveGraph(await this.#handBack());
      default:
        return this.#interruption satisfies never;
    }
  }

  /** Gives the run back behind its last finished step: a drain is no crash, so nothing finished runs again. */
  async #handBack(): Promise<ExecutionEnd> {
    await this.#record.commitDeferred();
    return await this.#release();
  }

  async #release(): Promise<ExecutionEnd> {
    this.#record.outbox.abandon();
    const request = { runId: this.runId, attempt: this.#run.attempt, owner: this.#deps.owner };
    const signal = AbortSignal.any([AbortSignal.timeout(RELEASE_MS), this.#deps.outOfTime]);
    const released = await patiently(() => this.#deps.runs.release(request), { signal }).catch(() => false);
    return released ? "released" : "lost";
  }

  /** Costs nothing where nothing is told. */
  #lazyProgress(nodeId: NodeId | null) {
    let progress: ReturnType<LiveTeller["progress"]> | undefined;
    return {
      tell: (data: JsonObject) => {
        progress ??= this.#live.progress(nodeId);
        progress.tell(data);
      },
      end: () => progress?.end(),
    };
  }

  /** Steps are committed one by one; else only where the run ends, or is handed on. */
  get #checkpointed(): boolean {
    return this.#workflow.manifest.checkpointed !== false;
  }

  #nodeDeps(nodeId: NodeId, node: Pick<NodeContextDeps, "signal" | "tellProgress" | "tried"> & { readonly began: number }) {
    const { clock, logger, context, bus, whileAsking, subSteps } = this.#deps;
    const { signal, tellProgress, began, tried } = node;
    const kept: KeptResults = {
      store: subSteps,
      began,
      // Only the step that this claim begins with may have been begun before.
      mayBeThere: this.#run.attempt > 1 && this.#record.step === this.#run.step,
      onKept: () => this.#record.subStepsKept(),
    };
    const { passes, returns } = this.#record;
    const iteration = `${[...passes.values()].join(".") || "0"}${returns === 0 ? "" : `~${returns}`}`;
    return {
      run: this.#run,
      cause: this.#claimed.cause,
      countHops: this.#countHops,
      tried,
      nodeId,
      iteration,
      clock,
      logger,
      signal,
      context,
      requests: bus.requests,
      llm: this.#meteredLlm(nodeId),
      whileAsking,
      tellProgress,
      ...(this.#checkpointed ? { kept } : {}),
    };
  }

  /** Looked up by a child's first question alone: whatever else follows from an event or a question knows it. */
  readonly #countHops = (): Promise<number> => {
    const { cause, run } = this.#claimed;
    if (cause !== undefined || run.parentRunId === null) return Promise.resolve(cause?.hops ?? 0);
    this.#hops ??= patiently(() => this.#deps.runs.countHops(run.runId), { signal: this.#abort.signal });
    return this.#hops;
  };

  #openAsks(
    node: NodeContextDeps,
    { close, ...given }: Pick<DurableAsksDeps, "began" | "woken" | "isBusy" | "tried"> & { readonly close: () => void },
  ): DurableAsks {
    const { runs, children, clock } = this.#deps;
    const { nodeId, signal } = node;
    return new DurableAsks({
      ...{ run: this.#run, nodeId, runs, children, clock, signal, countHops: this.#countHops, ...given },
      request: (operatorId, capability, request) => askHeld(node, operatorId, capability, request),
      onChild: () => this.#record.childBegun(),
      leave: (pause) => {
        close();
        this.#leave(new LeftForAnswers(pause));
      },
    });
  }

  #meteredLlm(nodeId: NodeId): LlmProvider {
    const { llm, observer, logger } = this.#deps;
    return meterLlm(llm, { run: this.#run, nodeId, observer, logger, count: (completion) => this.#countCall(completion) });
  }

  #countCall(completion: Omit<Completion, "content"> | undefined): void {
    this.#record.usage.llmCall(completion);
    this.#stepUsage.llmCall(completion);
    if (completion !== undefined) this.#record.history.answeredBy(completion.model);
  }

  #graphDeps(nodeId: NodeId): Omit<GraphStepDeps, "woken" | "began" | "onDelta"> {
    const { checkpoints, observer } = this.#deps;
    return {
      checkpoints,
      owner: { runId: this.runId, attempt: this.#run.attempt },
      onProgress: (data) => this.#live.tell("node.progress", nodeId, data),
      onModelCall: (usage) => {
        const completion = usage === undefined ? undefined : { ...usage, costUsd: null };
        this.#countCall(completion);
        if (completion !== undefined) tellCompletion(observer, BROUGHT, completion);
      },
      // What cannot be deleted then goes with the run.
      onThread: (threadId) => this.#record.afterCommit(() => void checkpoints.deleteThread(this.runId, threadId).catch(() => {})),
    };
  }

  #watchDeadline(): NodeJS.Timeout | undefined {
    const deadline = this.#deadline();
    if (deadline === undefined) return undefined;
    const left = deadline.at - this.#deps.clock.now();
    if (left <= 0) this.#interrupt("deadline"); // at once: no step may begin
    return setTimeout(() => this.#interrupt("deadline"), Math.max(0, Math.min(left, MAX_TIMER_MS)));
  }

  #deadline() {
    return deadlineOf(this.#run, this.#workflow.manifest, this.#deps.clock.now());
  }

  #nodeData(startedAt: number, durationMs: number): JsonObject {
    const base = { started_at: toIso(startedAt), duration_ms: round(durationMs) };
    const { llm_calls, tokens_in, tokens_out, cost_usd } = this.#stepUsage.metrics(0);
    return llm_calls === 0 ? base : { ...base, tokens_in, tokens_out, cost_usd };
  }
}

/** Ends a node that can only wait for answers. It is no failure, and the run's last step in these hands. */
class LeftForAnswers extends Error {
  readonly pause: Pause;

  constructor(pause: Pause) {
    super("a node waits for answers");
    this.pause = pause;
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** The step after this one, as its code chose it. */
function nextOf({ onward, position }: Pick<Done, "onward" | "position">): Position {
  if (onward === undefined || onward.kind === "sleep") return position;
  return onward.kind === "goto" ? onward.nodeId : null;
}

/** Nodes get the state to read: what they change in place would be seen by later nodes, and lost by a crash. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const entry of Object.values(value)) deepFreeze(entry);
  return Object.freeze(value);
}
