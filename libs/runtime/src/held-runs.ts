/** The runs that this process works on: each once, with all copies of its wake-up. */
import type { Delivery } from "@openvibe/bus";
import { type OperatorId, SlabMap } from "@openvibe/core";
import type { ClaimedRun } from "@openvibe/store";
import { type ExecutionDeps, RunExecution } from "./execution.ts";
import type { ExecutionEnd } from "./leave-graph.ts";
import type { OperatorHooks } from "./operator-hooks.ts";
import { asBegun, overrideWorkflow } from "./rerun.ts";
import { RunSlot } from "./run-slot.ts";
import type { ServedOperator, ServedWorkflow } from "./served-operator.ts";
import type { SlotCounter } from "./slots.ts";

export interface HeldRunsDeps {
  readonly execution: ExecutionDeps;
  readonly hooks: OperatorHooks;
  /** Those in service; changes where operators are posted. */
  readonly operators: ReadonlyMap<OperatorId, ServedOperator>;
  /** Aborts when this process stops. */
  readonly stopping: AbortSignal;
}

/** A run to be worked on. */
export interface Holding {
  readonly claimed: ClaimedRun;
  readonly workflow: ServedWorkflow;
  /** Copies of the wake-up, extended while the run is held; what comes in between is added. Whoever has them settled settles all. */
  readonly handles: Delivery[];
  /** Those that the run counts in: the operator's own, or those of its requests. */
  readonly slots: SlotCounter;
}

export interface HeldRun {
  readonly execution: RunExecution;
  readonly handles: Delivery[];
  readonly wake: number;
  readonly ended: Promise<void>;
}

export class HeldRuns {
  readonly #deps: HeldRunsDeps;
  readonly #running = new SlabMap<HeldRun>();

  constructor(deps: HeldRunsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#running.size;
  }

  find(runId: string): HeldRun | undefined {
    return this.#running.get(runId);
  }

  /** Works on a claimed run until it has ended, waits, or is somebody else's. */
  async work({ claimed: given, workflow: served, handles, slots }: Holding): Promise<ExecutionEnd> {
    const { execution: deps, hooks, operators, stopping } = this.#deps;
    const { overrides } = given;
    const operator = operators.get(given.run.operatorId);
    const claimed = overrides === undefined ? given : { ...given, ...asBegun(given) };
    const workflow = overrides === undefined ? served : overrideWorkflow(served, overrides);
    const slot = new RunSlot(slots);
    const tellHooks = operator === undefined ? undefined : hooks.tellerOf(operator.definition);
    const execution = new RunExecution(deps, { claimed, workflow, slot, tellHooks });
    const running = execution.run();
    const ended = running.then(() => {});
    this.#running.set(claimed.run.runId, { execution, handles, wake: claimed.run.wake, ended });
    if (stopping.aborted) execution.interruption.drain();
    deps.observer.activationsInflight(1);
    try {
      return await running;
    } finally {
      slot.close();
      this.#running.delete(claimed.run.runId);
      deps.observer.activationsInflight(-1);
    }
  }

  /** A signal is only a hint, and anybody may give one: the row says whether a cancel was asked for. Without an answer the next write finds out. */
  async cancel(runId: string): Promise<void> {
    if (!this.#running.has(runId)) return;
    const run = await this.#deps.execution.runs.find(runId).catch(() => undefined);
    if (run?.cancelRequested === true) this.#running.get(runId)?.execution.interruption.cancel();
  }

  extend(): void {
    for (const { handles } of this.#running.values()) for (const handle of handles) handle.extend();
  }

  drain(): void {
    for (const { execution } of this.#running.values()) execution.interruption.drain();
  }

  abortForDrain(): void {
    for (const { execution } of this.#running.values()) execution.interruption.abortForDrain();
  }

  /** Resolves when those that are held now are held no more. */
  async whenEnded(): Promise<void> {
    await Promise.all(this.#running.values().map(({ ended }) => ended));
  }
}
