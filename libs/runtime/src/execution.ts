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
  isFinal,
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
  type RunStatus,
  type State,
  terminalEventType,
  toIso,
  toRunError,
  writePosition,
} from "@openvibe/core";
import { LoopRoute, type PlannedStep, type Position, type StepOutcome, type StepRunner } from "@openvibe/graph";
import type { Completion, LlmProvider } from "@openvibe/llm";
import type { ClaimedRun, RunStore, RunWrite, WriteVerdict } from "@openvibe/store";
import { LiveTeller } from "./live-teller.ts";
import { runFields } from "./log-fields.ts";
import { openNodeContext } from "./node-context.ts";
import type { RuntimeObserver } from "./observer.ts";
import { patiently } from "./patience.ts";
import type { Pause, Woken } from "./pausing.ts";
import { RunOutbox } from "./run-outbox.ts";
import { runStep } from "./run-step.ts";
import type { SentMarks } from "./sent-marks.ts";
import { getCode, type ServedWorkflow } from "./served-operator.ts";
import { StepHistory } from "./step-history.ts";
import { UsageMeter } from "./usage-meter.ts";

const MAX_STATE_BYTES = 512 * 1024;
/** After the terminal commit we publish this long; the sweep begins when events lie unsent for 5 s. */
const SETTLE_MS = 3_500;
/** Where `onComplete` stands in events, errors and effect keys; it is no node. */
const ON_COMPLETE = "on_complete";

export interface ExecutionDeps {
  readonly bus: Bus;
  readonly runs: RunStore;
  readonly context: SharedContext;
  readonly llm: LlmProvider;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: RuntimeObserver;
  readonly owner: OwnerId;
  readonly sentMarks: SentMarks;
  readonly whileAsking: <T>(asking: Promise<T>) => Promise<T>;
  /** Whether each step's patch is kept beside the newest state. */
  readonly history: boolean;
}

/** `ended`: a terminal state is committed. `released`: given back for another worker. `lost`: another attempt owns it, or the store said so. */
export type ExecutionEnd = "ended" | "released" | "lost";

type Interruption = "cancel" | "deadline" | "drain";
const INTERRUPTED_BY: Record<Interruption, ProblemCode> = {
  cancel: "OV_RUN_CANCELLED",
  deadline: "OV_RUN_TIMEOUT",
  drain: "OV_SHUTTING_DOWN",
};

/** Leaves the graph to enter it again at another step: the commit before it says so. */
class EnterAt extends Error {
  readonly state: State;
  readonly position: NodeId;
  constructor(state: State, position: NodeId) {
    super(`the run goes on at ${position}`);
    this.state = state;
    this.position = position;
  }
}

interface Done {
  readonly onward?: Onward;
  readonly patch: State;
  readonly written: State;
  readonly position: Position;
  readonly events: readonly PendingEvent[];
}

/** Leaves the graph: the run is settled, nothing more is to be done in it. */
class LeaveGraph extends Error {
  readonly end: ExecutionEnd;
  constructor(end: ExecutionEnd) {
    super(`the run is ${end}`);
    this.end = end;
  }
}

export class RunExecution implements StepRunner {
  readonly runId: string;
  readonly #deps: ExecutionDeps;
  readonly #claimed: ClaimedRun;
  readonly #workflow: ServedWorkflow;
  readonly #run: Run;
  readonly #outbox: RunOutbox;
  readonly #live: LiveTeller;
  readonly #usage: UsageMeter;
  /** What the running step used. */
  #stepUsage = new UsageMeter(NO_METRICS);
  readonly #history = new StepHistory();
  readonly #abort = new AbortController();
  readonly #interrupted: Promise<never>;
  #interruption: Interruption | undefined;
  #draining = false;
  #step: number;
  /** Where the store has it; `undefined` before the first step and behind the last. */
  readonly #start: LoopPosition | undefined;
  /** Only what was given as input or written by a node: the output of a completed run. Defaults are laid under it for the code. */
  #written: State = {};
  /** No less than the bytes of JSON that `#written` has. */
  #mostBytes: number | undefined;
  /** Passes of the loops the run is in, the running one counted. */
  readonly #passes: Map<NodeId, number>;
  /** The wake-up that this pass began with, until the step it is meant for has had it. */
  #woken: Woken | undefined;
  /** Behind the last finished step, as long as its commit is left to the next one. */
  #deferred: { readonly position: Position } | undefined;

  constructor(deps: ExecutionDeps, claimed: ClaimedRun, workflow: ServedWorkflow) {
    this.#deps = deps;
    this.#claimed = claimed;
    this.#workflow = workflow;
    this.#run = claimed.run;
    this.runId = claimed.run.runId;
    this.#step = claimed.run.step;
    this.#start = claimed.state === null || claimed.position === null ? undefined : parsePosition(claimed.position);
    this.#passes = new Map(this.#start?.passes);
    const { interrupt } = claimed.run;
    this.#woken =
      claimed.wakeKind === "start" || interrupt === null ? undefined : { kind: claimed.wakeKind, body: claimed.wakeBody, interrupt };
    this.#outbox = new RunOutbox(deps.bus.log, claimed.run, claimed.outbox);
    this.#live = new LiveTeller(deps.bus.signals, deps.clock, claimed.run);
    this.#usage = new UsageMeter(claimed.run.metrics);
    const { signal } = this.#abort;
    this.#interrupted = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
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
      this.#deps.logger.error({ ...runFields(this.#run), err: error }, "a run was left in an unexpected way");
      await this.#release();
      return "lost"; // not at once: what was unexpected may be so again
    } finally {
      clearTimeout(deadline);
      this.#outbox.abandon();
    }
  }

  async #goOn(): Promise<ExecutionEnd> {
    if (this.#run.attempt > 1) await patiently(() => this.#outbox.skipPublished(), { signal: this.#abort.signal }).catch(() => {});
    this.#outbox.committed(this.#outbox.mark);
    if (this.#run.cancelRequested) return await this.#end("cancelled");
    if (this.#claimed.silentClaims >= MAX_SILENT_CLAIMS) {
      const detail = `run ${this.runId}: ${this.#claimed.silentClaims} workers in a row fell silent with it and no step between`;
      return await this.#end("dead_lettered", { code: "OV_RUN_ABANDONED", message: detail });
    }
    const state = await this.#openState();
    const position = this.#claimed.state === null ? this.#workflow.plan.entry : (this.#start?.stepId ?? null);
    if (position !== null) {
      if (!this.#workflow.plan.steps.has(position)) {
        const message = `run ${this.runId} stands before step ${position}, which version ${this.#run.definition} of ${this.#run.operatorId} had and this worker's has not`;
        return await this.#end("failed", { code: "OV_DEFINITION_UNKNOWN", message });
      }
      await this.#walk(state, position);
    }
    await this.#complete();
    return "ended";
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
      this.#written = this.#claimed.state;
      return deepFreeze({ ...(defaults as State), ...this.#written });
    }
    try {
      const { state } = code.openState(this.#run.input);
      this.#written = Object.fromEntries(Object.entries(state).filter(([field]) => Object.hasOwn(this.#run.input, field)));
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
    this.#history.begin();
    const toldEnd = this.#live.begin(step.id, step.manifest.kind);
    const done = await this.#runCode(step, state)
      .finally(toldEnd)
      .catch(async (error: unknown) => {
        await this.#leaveIfInterrupted("thrown");
        return await this.#failStep(step, error, startedAt, performance.now() - started);
      });
    if ("pause" in done) return await this.#park(step, done.pause, done.events);
    const durationMs = performance.now() - started;
    this.#written = done.written;
    if (step.manifest.kind === "loop") this.#countPass(step, done.position);
    this.#usage.nodeExecuted();
    this.#deps.observer.nodeEnded({ type: step.manifest.kind, durationSeconds: durationMs / 1_000 });
    for (const event of done.events) this.#outbox.add(event);
    this.#outbox.add(this.#event("node.completed", this.#nodeData(startedAt, durationMs), step.id));
    this.#record(step, startedAt, durationMs, { patch: done.patch, next: nextOf(done) });
    const after = Object.freeze({ ...state, ...done.patch });
    if (done.onward === undefined) await this.#afterStep(done.position, mayDefer);
    else await this.#leaveBy(done.onward, step, done.position, after);
    return { state: after, position: done.position };
  }

  /** Runs a step's code within its time, and checks what it returned. */
  async #runCode(step: PlannedStep, state: State): Promise<Done | { pause: Pause; events: readonly PendingEvent[] }> {
    const code = getCode(this.#workflow.code.steps, step.id, `operator ${this.#run.operatorId} workflow ${this.#run.workflowId}`);
    const deltas = this.#live.deltas(step.id);
    const onRetry = (data: JsonObject) => {
      this.#usage.nodeFailed();
      this.#history.retried();
      this.#live.tell("node.retrying", step.id, data);
    };
    return await this.#withTimeout(step, async (signal) => {
      const node = openNodeContext(this.#nodeDeps(step.id, signal));
      try {
        const deps = {
          llm: this.#meteredLlm(step.id),
          onRetry,
          onDelta: deltas.onDelta,
          forgetEvents: node.forgetEvents,
          woken: this.#takeWoken(step.id),
          passes: this.#passes.get(step.id) ?? 0,
        };
        const result = await atCodePlace(this.#placeOf(step.id), () => runStep(step, code, state, node.ctx, deps));
        if ("interrupt" in result) return { pause: result, events: node.events };
        const { patch: returned, position, onward } = result;
        this.#checkOnward(onward, step);
        const patch = deepFreeze(this.#workflow.code.checkPatch(returned, step.id));
        const written = { ...this.#written, ...patch };
        this.#checkSize(step.id, patch, written);
        return { patch, written, position, events: node.events, ...(onward === undefined ? {} : { onward }) };
      } finally {
        deltas.end();
        node.close();
      }
    });
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
    if (again) this.#passes.set(step.id, (this.#passes.get(step.id) ?? 0) + 1);
    else this.#passes.delete(step.id);
  }

  /** The run waits: it holds no worker and no message until its wake-up. */
  async #park(step: PlannedStep, { interrupt, due }: Pause, events: readonly PendingEvent[]): Promise<never> {
    for (const event of events) this.#outbox.add(event);
    this.#outbox.add(this.#event("run.waiting", { kind: interrupt.kind, ...interrupt.data }, step.id));
    await this.#commit("waiting", step.id, { interrupt, ...(due === undefined ? {} : { due }) });
    await this.#sendOutbox();
    throw new LeaveGraph("ended");
  }

  /** A node has said how to go on; its own result is committed with that. */
  async #leaveBy(onward: Onward, step: PlannedStep, next: Position, state: State): Promise<void> {
    switch (onward.kind) {
      case "sleep": {
        const until = toIso(this.#deps.clock.now() + onward.durationMs);
        this.#outbox.add(this.#event("run.waiting", { kind: "timer", until }, step.id));
        const interrupt: Interrupt = { kind: "timer", node_id: step.id, data: { until } };
        await this.#commit("waiting", next, { interrupt, due: { afterMs: onward.durationMs } });
        await this.#sendOutbox();
        throw new LeaveGraph("ended");
      }
      case "end":
        if (this.#workflow.code.onComplete === undefined) await this.#commitEnd("completed", null);
        else {
          await this.#commit("running", null);
          await this.#complete();
        }
        throw new LeaveGraph("ended");
      case "goto": {
        const target = this.#workflow.plan.steps.get(onward.nodeId);
        for (const loop of this.#passes.keys()) if (!target?.loops.includes(loop)) this.#passes.delete(loop);
        await this.#afterStep(onward.nodeId, false);
        throw new EnterAt(state, onward.nodeId);
      }
      default:
        return onward satisfies never;
    }
  }

  #checkOnward(onward: Onward | undefined, step: PlannedStep): void {
    if (onward?.kind !== "goto") return;
    const target = this.#workflow.plan.steps.get(onward.nodeId);
    const inside = target?.loops.every((loop) => this.#passes.has(loop)) === true;
    if (inside) return;
    const steps = [...this.#workflow.plan.steps.values()].filter(({ loops }) => loops.every((loop) => this.#passes.has(loop)));
    const why = target === undefined ? "which is no step" : `which stands in a loop that ${step.id} does not`;
    throw new OpenVibeError(
      "OV_ROUTE_UNKNOWN",
      `node ${step.id} goes to ${JSON.stringify(onward.nodeId)}, ${why}; allowed are ${steps.map(({ id }) => id).join(", ")}`,
    );
  }

  async #afterStep(position: Position, mayDefer: boolean): Promise<void> {
    if (mayDefer && !this.#draining && this.#interruption === undefined) {
      this.#deferred = { position };
      return;
    }
    if (position === null && this.#workflow.code.onComplete === undefined) return await this.#commitEnd("completed", position);
    await this.#commit("running", position);
    if (this.#draining && position !== null) throw new LeaveGraph(await this.#release());
  }

  async #failStep(step: PlannedStep, error: unknown, startedAt: number, durationMs: number): Promise<never> {
    this.#usage.nodeFailed();
    this.#deps.observer.nodeEnded({ type: step.manifest.kind, durationSeconds: durationMs / 1_000 });
    const failure = toFailure(error, "OV_NODE_FAILED", step.id);
    this.#deps.logger.warn({ ...runFields(this.#run), node_id: step.id, code: failure.code, err: error }, "a node failed");
    this.#outbox.add(
      this.#event("node.failed", { started_at: toIso(startedAt), duration_ms: round(durationMs), error: { ...failure } }, step.id),
    );
    this.#record(step, startedAt, durationMs, { patch: {}, next: null, error: failure });
    await this.#end("failed", failure);
    throw new LeaveGraph("ended");
  }

  #record(
    step: PlannedStep,
    startedAt: number,
    durationMs: number,
    what: { readonly patch: State; readonly next: Position; readonly error?: RunError },
  ): void {
    if (!this.#deps.history) return;
    const usage = this.#stepUsage.metrics(0);
    this.#history.ended({ step, attempt: this.#run.attempt, startedAt, durationMs: round(durationMs), usage, ...what });
  }

  /** After the last step: `onComplete`, then the terminal commit. */
  async #complete(): Promise<void> {
    const { code, defaults } = this.#workflow;
    if (this.#ended) return;
    await this.#leaveIfInterrupted("between");
    const node = openNodeContext(this.#nodeDeps(ON_COMPLETE, this.#abort.signal));
    try {
      const state = deepFreeze({ ...(defaults as State), ...this.#written });
      await Promise.race([atCodePlace(this.#placeOf(ON_COMPLETE), async () => code.onComplete?.(state, node.ctx)), this.#interrupted]);
    } catch (error) {
      await this.#leaveIfInterrupted("thrown");
      this.#deps.logger.warn({ ...runFields(this.#run), node_id: ON_COMPLETE, err: error }, "onComplete failed");
      await this.#end("failed", toFailure(error, "OV_NODE_FAILED", ON_COMPLETE));
      return;
    } finally {
      node.close();
    }
    for (const { node_id: _, ...event } of node.events) this.#outbox.add(event);
    await this.#commitEnd("completed", null);
  }

  #ended = false;

  /** Ends the run in `status`; the verdict may change that to cancelled. */
  async #end(status: FinalStatus, error?: RunError): Promise<ExecutionEnd> {
    await this.#commitEnd(status, this.#start?.stepId ?? null, error);
    return "ended";
  }

  async #commitEnd(status: FinalStatus, position: Position, error?: RunError): Promise<void> {
    const durationSeconds = this.#durationSeconds();
    const output = status === "completed" ? this.#written : {};
    this.#outbox.add(this.#event(terminalEventType(status), this.#terminalData(status, durationSeconds, error)));
    await this.#commit(status, position, { output, ...(error === undefined ? {} : { error }) });
    this.#ended = true;
    await this.#settle(status, durationSeconds);
  }

  /** Tells whoever waits, and publishes what is left. */
  async #settle(status: FinalStatus, durationSeconds: number): Promise<void> {
    const { operatorId, workflowId } = this.#run;
    this.#deps.bus.signals.control({ operatorId, verb: "wake", runId: this.runId, body: {} });
    this.#deps.observer.runEnded({ operatorId, workflowId, status, durationSeconds });
    await this.#sendOutbox();
  }

  /** Publishes what is left. What cannot be published now is found by the sweep. */
  async #sendOutbox(): Promise<void> {
    const sequence = await this.#outbox.settle(SETTLE_MS);
    if (sequence !== undefined) this.#deps.sentMarks.add(this.runId, sequence);
  }

  /** One write, asked again until the store answers. A refused one leaves the graph. */
  async #commit(
    status: Extract<RunStatus, "running" | "waiting"> | FinalStatus,
    position: Position,
    extra: Pick<RunWrite, "output" | "error" | "interrupt" | "due"> = {},
  ): Promise<void> {
    const mark = this.#outbox.mark;
    const write: RunWrite = {
      runId: this.runId,
      attempt: this.#run.attempt,
      step: this.#step + 1,
      status,
      state: this.#written,
      position: position === null ? null : writePosition({ stepId: position, passes: this.#passes }),
      metrics: this.#usage.metrics(isFinal(status) ? this.#durationSeconds() : 0),
      outbox: this.#outbox.snapshot(),
      ...this.#history.unwritten,
      ...extra,
    };
    const verdict = await this.#write(write);
    if (verdict === "committed") {
      this.#step++;
      this.#deferred = undefined;
      this.#history.written();
      this.#outbox.committed(mark);
      return;
    }
    this.#ended = true;
    if (verdict === "stale") throw new LeaveGraph("lost");
    await this.#writeCancelled(write);
    throw new LeaveGraph("ended");
  }

  async #write(write: RunWrite): Promise<WriteVerdict> {
    // While the process drains for long, an unreachable store means that the run is left to whoever claims it next.
    const impatience = this.#interruption === "drain" ? AbortSignal.timeout(1_000) : NEVER;
    try {
      return await patiently(() => this.#deps.runs.write(write), { signal: impatience, onOutage: () => this.#logOutage() });
    } catch (error) {
      if (!isOpenVibeError(error, "OV_RUN_UNSTORABLE")) throw error;
      this.#deps.logger.error({ ...runFields(this.#run), err: error }, "the store refuses a run's data");
      return await this.#writeUnstorable(write, toFailure(error, "OV_RUN_UNSTORABLE"));
    }
  }

  /** The store refuses this run's data: what the refused write carried is dropped, `run.failed` takes its place. */
  async #writeUnstorable(refused: RunWrite, error: RunError): Promise<WriteVerdict> {
    const durationSeconds = this.#durationSeconds();
    this.#outbox.cutTo(this.#outbox.committedMark);
    this.#outbox.add(this.#event("run.failed", this.#terminalData("failed", durationSeconds, error)));
    const mark = this.#outbox.mark;
    const metrics = this.#usage.metrics(durationSeconds);
    const { history: _, ...rest } = refused;
    const write: RunWrite = { ...rest, status: "failed", state: {}, output: {}, error, metrics, outbox: this.#outbox.snapshot() };
    const verdict = await patiently(() => this.#deps.runs.write(write), { signal: NEVER, onOutage: () => this.#logOutage() });
    if (verdict !== "committed") return verdict;
    this.#outbox.committed(mark);
    await this.#settle("failed", durationSeconds);
    throw new LeaveGraph("ended");
  }

  /** The cancel came first: what the refused write carried is dropped, `run.cancelled` takes its place. */
  async #writeCancelled(refused: RunWrite): Promise<void> {
    const durationSeconds = this.#durationSeconds();
    this.#outbox.cutTo(this.#outbox.committedMark);
    this.#outbox.add(this.#event("run.cancelled", this.#terminalData("cancelled", durationSeconds)));
    const mark = this.#outbox.mark;
    const { status: _, output: __, error: ___, history: ____, ...rest } = refused;
    const write = { ...rest, metrics: this.#usage.metrics(durationSeconds), outbox: this.#outbox.snapshot() };
    const verdict = await patiently(() => this.#deps.runs.writeCancelled(write), { signal: NEVER });
    if (verdict !== "committed") throw new LeaveGraph("lost");
    this.#outbox.committed(mark);
    await this.#settle("cancelled", durationSeconds);
  }

  /** `between`: no code of the author's has thrown, the run stands between two steps. */
  async #leaveIfInterrupted(at: "between" | "thrown"): Promise<void> {
    switch (this.#interruption) {
      case undefined:
        if (at === "between" && this.#draining) throw new LeaveGraph(await this.#handBack());
        return;
      case "cancel":
        await this.#commitCancel();
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
    if (this.#deferred !== undefined) await this.#commit("running", this.#deferred.position);
    return await this.#release();
  }

  async #commitCancel(): Promise<void> {
    this.#ended = true;
    await this.#writeCancelled({
      runId: this.runId,
      attempt: this.#run.attempt,
      step: this.#step + 1,
      status: "cancelled",
      state: this.#written,
      position: this.#claimed.position,
      metrics: this.#usage.metrics(0),
      outbox: this.#outbox.snapshot(),
    });
  }

  async #release(): Promise<ExecutionEnd> {
    this.#outbox.abandon();
    const request = { runId: this.runId, attempt: this.#run.attempt, owner: this.#deps.owner };
    const released = await patiently(() => this.#deps.runs.release(request), { signal: AbortSignal.timeout(3_000) }).catch(() => false);
    return released ? "released" : "lost";
  }

  #nodeDeps(nodeId: NodeId, signal: AbortSignal) {
    const { clock, logger, context, bus, whileAsking } = this.#deps;
    const iteration = [...this.#passes.values()].join(".") || "0";
    return {
      run: this.#run,
      nodeId,
      iteration,
      clock,
      logger,
      signal,
      context,
      requests: bus.requests,
      llm: this.#meteredLlm(nodeId),
      whileAsking,
    };
  }

  /** Every call really made is counted, whoever makes it. */
  #meteredLlm(nodeId: NodeId): LlmProvider {
    const { llm, observer } = this.#deps;
    const count = (completion: Completion) => {
      this.#usage.llmCall(completion);
      this.#stepUsage.llmCall(completion);
      this.#history.answeredBy(completion.model);
      const { tokensIn, tokensOut, cacheReadTokens, cacheWriteTokens, costUsd } = completion;
      observer.llmCalled({
        provider: llm.name,
        model: completion.model,
        outcome: "ok",
        tokensIn: tokensIn ?? 0,
        tokensOut: tokensOut ?? 0,
        cacheReadTokens,
        cacheWriteTokens,
        costUsd,
      });
    };
    return {
      name: llm.name,
      resolveModel: (model) => llm.resolveModel(model),
      complete: async (request, options) => {
        try {
          const completion = await llm.complete(request, options);
          count(completion);
          return completion;
        } catch (error) {
          this.#usage.llmCall(undefined);
          this.#stepUsage.llmCall(undefined);
          observer.llmCalled({
            provider: llm.name,
            model: resolvedModel(llm, request.model),
            outcome: isOpenVibeError(error) ? error.code : "failed",
          });
          this.#deps.logger.debug({ ...runFields(this.#run), node_id: nodeId, err: error }, "a model call failed");
          throw error;
        }
      },
    };
  }

  /** Ends a step's code at its own timeout and at the run's interruption; what it does after that is dropped. */
  async #withTimeout<T>(step: PlannedStep, code: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeoutMs = step.manifest.timeout_ms;
    if (timeoutMs === undefined) return await Promise.race([code(this.#abort.signal), this.#interrupted]);
    const own = new AbortController();
    const forward = () => own.abort(this.#abort.signal.reason);
    this.#abort.signal.addEventListener("abort", forward, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => {
          const error = new OpenVibeError("OV_NODE_TIMEOUT", `node ${step.id} took longer than its ${timeoutMs} ms`);
          own.abort(error);
          reject(error);
        },
        Math.min(timeoutMs, MAX_TIMER_MS),
      );
    });
    try {
      return await Promise.race([code(own.signal), this.#interrupted, timedOut]);
    } finally {
      clearTimeout(timer);
      this.#abort.signal.removeEventListener("abort", forward);
    }
  }

  #watchDeadline(): NodeJS.Timeout | undefined {
    const deadline = this.#deadline();
    if (deadline === undefined) return undefined;
    const left = deadline.at - this.#deps.clock.now();
    if (left <= 0) this.#interrupt("deadline"); // at once: no step may begin
    return setTimeout(() => this.#interrupt("deadline"), Math.max(0, Math.min(left, MAX_TIMER_MS)));
  }

  /** The sooner one of the caller's deadline and the workflow's timeout, which counts from the first claim. */
  #deadline(): { readonly at: number; readonly message: string } | undefined {
    const { deadline, startedAt, wake, workflowId } = this.#run;
    const timeoutMs = this.#workflow.manifest.timeout_ms;
    // Waits are not counted: after a wake-up the time begins anew.
    const from = (wake === 0 ? startedAt : null) ?? this.#deps.clock.now();
    const timeoutAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : from + timeoutMs;
    if (deadline !== null && deadline <= timeoutAt)
      return { at: deadline, message: `run ${this.runId} had not ended by its deadline ${toIso(deadline)}` };
    if (timeoutMs === undefined) return undefined;
    return { at: timeoutAt, message: `run ${this.runId} took longer than the ${timeoutMs} ms of workflow ${workflowId}` };
  }

  #durationSeconds(): number {
    return Math.max(0, (this.#deps.clock.now() - (this.#run.startedAt ?? this.#deps.clock.now())) / 1_000);
  }

  #event(type: string, data: JsonObject, nodeId?: NodeId): PendingEvent {
    return { type, time: toIso(this.#deps.clock.now()), data, ...(nodeId === undefined ? {} : { node_id: nodeId }) };
  }

  #nodeData(startedAt: number, durationMs: number): JsonObject {
    const base = { started_at: toIso(startedAt), duration_ms: round(durationMs) };
    const { llm_calls, tokens_in, tokens_out, cost_usd } = this.#stepUsage.metrics(0);
    return llm_calls === 0 ? base : { ...base, tokens_in, tokens_out, cost_usd };
  }

  #terminalData(status: FinalStatus, durationSeconds: number, error?: RunError): JsonObject {
    const output = status === "completed" ? { output: this.#written } : {};
    return {
      status,
      ...output,
      ...(error === undefined ? {} : { error: { ...error } }),
      metrics: { ...this.#usage.metrics(durationSeconds) },
    };
  }

  /** What a patch adds is mostly small: the whole state is measured only when the sum of what was added could be too much. */
  #checkSize(nodeId: NodeId, patch: State, written: State): void {
    this.#mostBytes = (this.#mostBytes ?? jsonBytes(this.#written)) + jsonBytes(patch);
    if (this.#mostBytes <= MAX_STATE_BYTES) return;
    const bytes = jsonBytes(written);
    this.#mostBytes = bytes;
    if (bytes > MAX_STATE_BYTES)
      throw new OpenVibeError(
        "OV_STATE_TOO_LARGE",
        `node ${nodeId}: the state would have ${bytes} bytes of JSON; allowed are ${MAX_STATE_BYTES}`,
      );
  }

  #logOutage(): void {
    this.#deps.logger.warn(runFields(this.#run), "the store does not answer; the run waits for it");
  }
}

/** As a call that succeeds names it; a name that code made up is no label. */
function resolvedModel(llm: LlmProvider, model: string): string {
  try {
    return llm.resolveModel(model);
  } catch {
    return "unknown";
  }
}

const NEVER = new AbortController().signal;
/** Longer timers overflow and fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Events carry it: a longer one would not travel. */
const MAX_MESSAGE = 10_000;

function toFailure(thrown: unknown, fallback: ProblemCode, nodeId?: NodeId): RunError {
  const failure = toRunError(thrown, fallback, nodeId);
  return failure.message.length <= MAX_MESSAGE ? failure : { ...failure, message: `${failure.message.slice(0, MAX_MESSAGE)}…` };
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

function jsonBytes(state: State): number {
  return Buffer.byteLength(JSON.stringify(state));
}
