/** Runs what an author wrote for one run, the code of its steps and `onComplete`: within its time, and checked in what it gives. */
import { atCodePlace, type CodePlace, type NodeId, type Onward, type PendingEvent, type State, type StepCode } from "@openvibe/core";
import type { PlannedStep, Position } from "@openvibe/graph";
import { deepFreeze } from "./deep-freeze.ts";
import { type NodeContextDeps, openNodeContext } from "./node-context.ts";
import type { NodeSurroundings } from "./node-surroundings.ts";
import { checkOnward } from "./onward.ts";
import { beganBefore, type Pause, type Woken } from "./pausing.ts";
import { triedBefore } from "./retrying.ts";
import type { RunInHand } from "./run-in-hand.ts";
import { runStep } from "./run-step.ts";
import { isCheckpointed } from "./served-operator.ts";
import { StateSize } from "./state-size.ts";
import type { StepDeps } from "./step-deps.ts";
import { withStepTimeout } from "./step-timeout.ts";

/** Where `onComplete` stands in events, errors and effect keys; it is no node. */
export const ON_COMPLETE = "on_complete";

/** A step's code has ended. */
export interface StepDone {
  readonly onward?: Onward;
  readonly patch: State;
  /** What the run has come to with it. */
  readonly written: State;
  readonly position: Position;
  readonly events: readonly PendingEvent[];
}

/** A step's code has found that the run has to wait. */
export interface StepPaused {
  readonly pause: Pause;
  readonly events: readonly PendingEvent[];
}

export class AuthorCode {
  readonly #hand: RunInHand;
  readonly #surroundings: NodeSurroundings;
  readonly #size = new StateSize();

  constructor(hand: RunInHand, surroundings: NodeSurroundings) {
    this.#hand = hand;
    this.#surroundings = surroundings;
  }

  /** @throws whatever the code throws; OV_NODE_TIMEOUT, OV_PATCH_INVALID, OV_STATE_TOO_LARGE, OV_ROUTE_UNKNOWN, or what interrupted the run */
  async runStep(step: PlannedStep, code: StepCode, state: State, woken: Woken | undefined): Promise<StepDone | StepPaused> {
    const { interruption } = this.#hand;
    try {
      return await withStepTimeout(step, interruption, (signal) => this.#runWithin(signal, step, code, state, woken));
    } catch (error) {
      if (!(error instanceof LeftForAnswers)) throw error;
      interruption.dropNode();
      return { pause: error.pause, events: [] }; // what it published it publishes anew when it is run again
    }
  }

  async #runWithin(
    signal: AbortSignal,
    step: PlannedStep,
    code: StepCode,
    state: State,
    woken: Woken | undefined,
  ): Promise<StepDone | StepPaused> {
    const { record, live, workflow, interruption } = this.#hand;
    const surroundings = this.#surroundings;
    const began = beganBefore(woken) ?? record.step;
    const deltas = live.deltas(step.id);
    const progress = surroundings.progress(step.id);
    const around = surroundings.of(step.id, { signal, began, tried: triedBefore(woken), tellProgress: progress.tell });
    const close = () => {
      deltas.end();
      progress.end();
      node.close();
    };
    const openAsks: NodeContextDeps["openAsks"] = (isBusy, tried) => {
      const leave = (pause: Pause) => {
        close();
        interruption.leaveNode(new LeftForAnswers(pause));
      };
      return surroundings.openAsks(around, { began, woken, isBusy, tried, leave });
    };
    const mayBeLeft = step.manifest.kind === "node" && isCheckpointed(workflow);
    const node = openNodeContext(mayBeLeft ? { ...around, openAsks } : around);
    const deps: StepDeps = {
      llm: around.llm,
      onRetry: (data) => {
        record.usage.nodeFailed();
        record.history.retried();
        live.tell("node.retrying", step.id, data);
      },
      onDelta: deltas.onDelta,
      nextAttempt: node.nextAttempt,
      woken,
      began,
      passes: record.passes.get(step.id) ?? 0,
      graph: () => surroundings.graph(step.id),
      waiting: surroundings.waiting,
      children: () => surroundings.children(signal),
    };
    try {
      const result = await atCodePlace(this.#placeOf(step.id), () => runStep(step, code, state, node.ctx, deps));
      if ("interrupt" in result) return { pause: result, events: node.events };
      const { patch: returned, position, onward } = result;
      if (onward !== undefined) checkOnward(onward, step, workflow, record.passes);
      const patch = deepFreeze(workflow.code.checkPatch(returned, step.id));
      const written = { ...record.written, ...patch };
      this.#size.check(step.id, { before: record.written, patch, after: written });
      return { patch, written, position, events: node.events, ...(onward === undefined ? {} : { onward }) };
    } finally {
      close();
    }
  }

  /** Gives what it has published. @throws whatever the code throws, or what interrupted the run */
  async runOnComplete(state: State): Promise<readonly PendingEvent[]> {
    const { record, workflow, interruption } = this.#hand;
    const { signal, interrupted } = interruption;
    const progress = this.#surroundings.progress(null);
    const node = openNodeContext(this.#surroundings.of(ON_COMPLETE, { signal, began: record.step, tellProgress: progress.tell }));
    try {
      const running = atCodePlace(this.#placeOf(ON_COMPLETE), async () => workflow.code.onComplete?.(state, node.ctx));
      await Promise.race([running, interrupted]);
    } finally {
      progress.end();
      node.close();
    }
    return node.events;
  }

  #placeOf(nodeId: NodeId): CodePlace {
    return { run_id: this.#hand.run.runId, operator_id: this.#hand.run.operatorId, node_id: nodeId };
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
