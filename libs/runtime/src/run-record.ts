/** What a run has come to, in its owner's hands: kept by one write after the other (DESIGN §6 rule 4). */
import type { Bus } from "@openvibe/bus";
import {
  type Clock,
  type FinalStatus,
  type Interrupt,
  isOpenVibeError,
  type JsonObject,
  type Logger,
  type LoopPosition,
  type NodeId,
  type PendingEvent,
  type Run,
  type RunError,
  type RunId,
  type RunMetrics,
  type RunStatus,
  type State,
  terminalEventType,
  toIso,
  writePosition,
} from "@openvibe/core";
import type { Position } from "@openvibe/graph";
import type { ChildStore, ClaimedRun, RunStore, RunWrite, SubStepStore, WriteVerdict } from "@openvibe/store";
import { LeaveGraph } from "./leave-graph.ts";
import { runFields } from "./log-fields.ts";
import type { RuntimeObserver } from "./observer.ts";
import type { TellHooks } from "./operator-hooks.ts";
import { patiently } from "./patience.ts";
import { tellFamilyOf } from "./publish-outbox.ts";
import { RunOutbox, type Settling } from "./run-outbox.ts";
import type { RunSlot } from "./run-slot.ts";
import type { SentMarks } from "./sent-marks.ts";
import { StepHistory } from "./step-history.ts";
import { toFailure } from "./to-failure.ts";
import { toToldEnd } from "./told-end.ts";
import { UsageMeter } from "./usage-meter.ts";

/** After the terminal commit we publish this long; the sweep begins when events lie unsent for 5 s. */
const SETTLE_MS = 3_500;

export interface RunRecordDeps {
  readonly bus: Bus;
  readonly runs: RunStore;
  readonly subSteps: SubStepStore;
  readonly children: ChildStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: RuntimeObserver;
  readonly sentMarks: SentMarks;
  /** Runs that began here, whose end is waited for by who knows how they began. */
  readonly awaited: ReadonlySet<RunId>;
  /** Left once the run's end is stored. */
  readonly slot: Pick<RunSlot, "leave">;
  /** Whether its workflow has steps that begin other runs. */
  readonly hasChildren: boolean;
  /** Hears of each event that this owner commits. */
  readonly tellHooks?: TellHooks | undefined;
  /** Ends the patience with a store that does not answer: the run is left to whoever claims it next. */
  readonly outOfTime: AbortSignal;
}

export class RunRecord {
  readonly outbox: RunOutbox;
  readonly usage: UsageMeter;
  readonly history = new StepHistory();
  /** Passes of the loops the run is in, the running one counted. */
  readonly passes: Map<NodeId, number>;
  /** How often the run has gone back to an earlier step. */
  returns: number;
  /** Only what was given as input or written by a node: the output of a completed run. Defaults are laid under it for the code. */
  written: State = {};
  readonly #deps: RunRecordDeps;
  readonly #run: Run;
  readonly #claimedPosition: string | null;
  #step: number;
  /** Behind the last finished step, as long as its commit is left to the next one. */
  #deferred: { readonly position: Position } | undefined;
  /** Results within nodes are kept since the last write that ended one. */
  #subStepsKept = false;
  #hasChildren: boolean;
  #ended = false;
  #afterCommit: (() => void)[] = [];

  constructor(deps: RunRecordDeps, { run, outbox, position }: ClaimedRun, start: LoopPosition | undefined) {
    this.#deps = deps;
    this.#hasChildren = deps.hasChildren;
    this.#run = run;
    this.#claimedPosition = position;
    this.#step = run.step;
    this.outbox = new RunOutbox(deps.bus.log, run, outbox, deps.tellHooks);
    this.usage = new UsageMeter(run.metrics);
    this.passes = new Map(start?.passes);
    this.returns = start?.returns ?? 0;
  }

  /** Writes that are committed so far. */
  get step(): number {
    return this.#step;
  }

  /** A question has made it a parent: when it does not complete, its children are cancelled. */
  childBegun(): void {
    this.#hasChildren = true;
  }

  /** The next write that ends a node drops what is kept within it. */
  subStepsKept(): void {
    this.#subStepsKept = true;
  }

  /** A terminal state is committed, or the run is somebody else's. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls this once the next write is committed that does not park the run. */
  afterCommit(call: () => void): void {
    this.#afterCommit.push(call);
  }

  event(type: string, data: JsonObject, nodeId?: NodeId): PendingEvent {
    return { type, time: toIso(this.#deps.clock.now()), data, ...(nodeId === undefined ? {} : { node_id: nodeId }) };
  }

  /** Leaves the commit of what was done so far to the next one. */
  defer(position: Position): void {
    this.#deferred = { position };
  }

  async commitDeferred(): Promise<void> {
    if (this.#deferred !== undefined) await this.commit("running", this.#deferred.position);
  }

  /** One write, asked again until the store answers. @throws LeaveGraph when it is refused */
  async commit(
    status: Extract<RunStatus, "running" | "waiting"> | FinalStatus,
    position: Position,
    extra: Pick<RunWrite, "output" | "error" | "interrupt" | "due" | "onEnd"> & Partial<Pick<RunWrite, "metrics">> = {},
  ): Promise<void> {
    const mark = this.outbox.mark;
    const write: RunWrite = {
      runId: this.#run.runId,
      attempt: this.#run.attempt,
      step: this.#step + 1,
      status,
      state: this.written,
      input: this.#run.input,
      position: position === null ? null : writePosition({ stepId: position, passes: this.passes, returns: this.returns }),
      metrics: this.usage.metrics(0),
      outbox: this.outbox.snapshot(),
      ...this.history.unwritten,
      ...extra,
    };
    const verdict = await this.#write(write);
    if (verdict === "committed") {
      this.#step++;
      this.#deferred = undefined;
      this.history.written();
      this.outbox.committed(mark);
      if (this.#subStepsKept && status !== "waiting") this.#forgetSubSteps();
      if (this.#afterCommit.length > 0 && status !== "waiting") for (const call of this.#afterCommit.splice(0)) call();
      return;
    }
    this.#ended = true;
    if (verdict === "stale") throw new LeaveGraph("lost");
    await this.#writeCancelled(write);
    throw new LeaveGraph("ended");
  }

  /** Ends the run in `status`; the store's verdict may change that to cancelled. */
  async commitEnd(status: FinalStatus, position: Position, error?: RunError): Promise<void> {
    const durationSeconds = this.#durationSeconds();
    const output = status === "completed" ? this.written : {};
    const metrics = this.usage.metrics(durationSeconds);
    let told: JsonObject = {};
    const onEnd = (completedAt: number) => {
      if (!this.#deps.awaited.has(this.#run.runId)) return;
      told = toToldEnd({ status, step: this.#step + 1, output, error: error ?? null, metrics, completedAt });
    };
    this.outbox.add(this.event(terminalEventType(status), this.#terminalData(status, metrics, error)));
    await this.commit(status, position, { output, metrics, onEnd, ...(error === undefined ? {} : { error }) });
    this.#ended = true;
    await this.#settle(status, durationSeconds, told);
  }

  /** Ends a run whose cancel was asked for. */
  async commitCancel(): Promise<void> {
    this.#ended = true;
    await this.#writeCancelled({
      runId: this.#run.runId,
      attempt: this.#run.attempt,
      step: this.#step + 1,
      status: "cancelled",
      state: this.written,
      input: this.#run.input,
      position: this.#claimedPosition,
      metrics: this.usage.metrics(0),
      outbox: this.outbox.snapshot(),
    });
  }

  /** Publishes what is left of a run that waits for something. */
  async sendOutbox(interrupt?: Interrupt): Promise<void> {
    await this.#send("at once", interrupt?.kind === "child" ? this.#tellFamily("waiting", interrupt) : undefined);
  }

  /** What cannot be published now is found by the sweep, as is a family that could not be told. */
  async #send(when: Settling, family: Promise<boolean> | undefined): Promise<void> {
    const sequence = await this.outbox.settle(SETTLE_MS, when);
    const told = family === undefined || (await family);
    if (sequence !== undefined && told) this.#deps.sentMarks.add(this.#run.runId, sequence);
  }

  async #write(write: RunWrite): Promise<WriteVerdict> {
    const { runs, outOfTime } = this.#deps;
    try {
      return await patiently(() => runs.write(write), { signal: outOfTime, onOutage: () => this.#logOutage() });
    } catch (error) {
      if (!isOpenVibeError(error, "OV_RUN_UNSTORABLE")) throw error;
      this.#deps.logger.error({ ...runFields(this.#run), err: error }, "the store refuses a run's data");
      return await this.#writeUnstorable(write, toFailure(error, "OV_RUN_UNSTORABLE"));
    }
  }

  /** The store refuses this run's data: what the refused write carried is dropped, `run.failed` takes its place. */
  async #writeUnstorable(refused: RunWrite, error: RunError): Promise<WriteVerdict> {
    const durationSeconds = this.#durationSeconds();
    this.outbox.cutTo(this.outbox.committedMark);
    const metrics = this.usage.metrics(durationSeconds);
    this.outbox.add(this.event("run.failed", this.#terminalData("failed", metrics, error)));
    const mark = this.outbox.mark;
    const { history: _, ...rest } = refused;
    const write: RunWrite = { ...rest, status: "failed", state: {}, output: {}, error, metrics, outbox: this.outbox.snapshot() };
    const verdict = await patiently(() => this.#deps.runs.write(write), {
      signal: this.#deps.outOfTime,
      onOutage: () => this.#logOutage(),
    });
    if (verdict !== "committed") return verdict;
    this.outbox.committed(mark);
    await this.#settle("failed", durationSeconds);
    throw new LeaveGraph("ended");
  }

  /** The cancel came first: what the refused write carried is dropped, `run.cancelled` takes its place. */
  async #writeCancelled(refused: RunWrite): Promise<void> {
    const durationSeconds = this.#durationSeconds();
    this.outbox.cutTo(this.outbox.committedMark);
    const metrics = this.usage.metrics(durationSeconds);
    this.outbox.add(this.event("run.cancelled", this.#terminalData("cancelled", metrics)));
    const mark = this.outbox.mark;
    const { status: _, output: __, error: ___, history: ____, ...rest } = refused;
    const write = { ...rest, metrics, outbox: this.outbox.snapshot() };
    const verdict = await patiently(() => this.#deps.runs.writeCancelled(write), { signal: this.#deps.outOfTime });
    if (verdict !== "committed") throw new LeaveGraph("lost");
    this.outbox.committed(mark);
    await this.#settle("cancelled", durationSeconds);
  }

  /** Tells whoever waits, and publishes what is left. */
  async #settle(status: FinalStatus, durationSeconds: number, told: JsonObject = {}): Promise<void> {
    const { operatorId, workflowId, runId } = this.#run;
    this.#deps.slot.leave();
    this.#deps.bus.signals.control({ operatorId, verb: "wake", runId, body: told });
    this.#deps.observer.runEnded({ operatorId, workflowId, status, durationSeconds });
    const concerned = this.#run.parentRunId !== null || (status !== "completed" && this.#hasChildren);
    await this.#send("with the tick", concerned ? this.#tellFamily(status, null) : undefined);
  }

  /** Whether the runs that the last commit concerns beside this one have been told. */
  async #tellFamily(status: "waiting" | FinalStatus, interrupt: Interrupt | null): Promise<boolean> {
    const { bus, clock, observer, runs, children } = this.#deps;
    try {
      await tellFamilyOf({ bus, clock, observer, store: { runs, children } }, { ...this.#run, status, interrupt });
      return true;
    } catch (err) {
      this.#deps.logger.warn({ ...runFields(this.#run), err }, "a run's parent and children are left to the sweep");
      return false;
    }
  }

  /** Nobody waits for it: what is left counts for no later visit of a node, and goes with the run. */
  #forgetSubSteps(): void {
    this.#subStepsKept = false;
    const { logger, subSteps } = this.#deps;
    subSteps
      .forget({ runId: this.#run.runId, beforeStep: this.#step })
      .catch((err: unknown) => logger.debug({ ...runFields(this.#run), err }, "results within a node are left to the run's purge"));
  }

  #durationSeconds(): number {
    const now = this.#deps.clock.now();
    return Math.max(0, (now - (this.#run.startedAt ?? now)) / 1_000);
  }

  #terminalData(status: FinalStatus, metrics: RunMetrics, error?: RunError): JsonObject {
    const output = status === "completed" ? { output: this.written } : {};
    return {
      status,
      ...output,
      ...(error === undefined ? {} : { error: { ...error } }),
      metrics: { ...metrics },
    };
  }

  #logOutage(): void {
    this.#deps.logger.warn(runFields(this.#run), "the store does not answer; the run waits for it");
  }
}
