/** What the code of one run's nodes has around it: the operator's context, models that count, questions to others, results that are kept. */
import type { Bus } from "@openvibe/bus";
import type { SharedContext } from "@openvibe/context";
import { type Clock, type JsonObject, type Logger, NO_METRICS, type NodeId, type OwnerId, type RunMetrics } from "@openvibe/core";
import type { Completion, LlmProvider } from "@openvibe/llm";
import type { CheckpointStore, ChildStore, EventWaitStore, RunStore, SubStepStore } from "@openvibe/store";
import type { Catalogue } from "./accept/catalogue.ts";
import { type ChildRuns, openChildRuns } from "./child-runs.ts";
import { DurableAsks, type DurableAsksDeps } from "./durable-asks.ts";
import type { WaitingRun } from "./event-wait.ts";
import type { GraphStepDeps } from "./graph-step.ts";
import { askHeld } from "./held-ask.ts";
import type { LiveTeller } from "./live-teller.ts";
import { iterationOf } from "./loop-passes.ts";
import { meterLlm, tellCompletion } from "./metered-llm.ts";
import type { NodeContextDeps } from "./node-context.ts";
import type { RuntimeObserver } from "./observer.ts";
import type { KeptResults } from "./once.ts";
import { patiently } from "./patience.ts";
import type { RunInHand } from "./run-in-hand.ts";
import { isCheckpointed } from "./served-operator.ts";
import { UsageMeter } from "./usage-meter.ts";

/** What models of a brought graph count as. */
const BROUGHT = "langchain";

export interface NodeSurroundingsDeps {
  readonly bus: Pick<Bus, "queue" | "requests">;
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
}

export class NodeSurroundings {
  readonly #deps: NodeSurroundingsDeps;
  readonly #hand: RunInHand;
  readonly #whileAsking: NodeContextDeps["whileAsking"];
  #usage = new UsageMeter(NO_METRICS);
  #hops: Promise<number> | undefined;

  /** `whileAsking` frees the run's slot while it waits for another operator. */
  constructor(deps: NodeSurroundingsDeps, hand: RunInHand, whileAsking: NodeContextDeps["whileAsking"]) {
    this.#deps = deps;
    this.#hand = hand;
    this.#whileAsking = whileAsking;
  }

  /** What is used from here on is the next step's. */
  beginStep(): void {
    this.#usage = new UsageMeter(NO_METRICS);
  }

  /** What the running step used. */
  get stepUsage(): RunMetrics {
    return this.#usage.metrics(0);
  }

  /** For the `ctx` of a node. `began`: writes of the run that were committed when the node began. */
  of(nodeId: NodeId, node: Pick<NodeContextDeps, "signal" | "tellProgress" | "tried"> & { readonly began: number }): NodeContextDeps {
    const { clock, logger, context, bus, subSteps } = this.#deps;
    const { run, claimed, record, workflow } = this.#hand;
    const { signal, tellProgress, began, tried } = node;
    const kept: KeptResults = {
      store: subSteps,
      began,
      // Only the step that this claim begins with may have been begun before.
      mayBeThere: run.attempt > 1 && record.step === run.step,
      onKept: () => record.subStepsKept(),
    };
    return {
      run,
      cause: claimed.cause,
      countHops: this.#countHops,
      tried,
      nodeId,
      iteration: iterationOf(record),
      clock,
      logger,
      signal,
      context,
      requests: bus.requests,
      llm: this.#llm(nodeId),
      whileAsking: this.#whileAsking,
      tellProgress,
      ...(isCheckpointed(workflow) ? { kept } : {}),
    };
  }

  /** Costs nothing where nothing is told. */
  progress(nodeId: NodeId | null) {
    let progress: ReturnType<LiveTeller["progress"]> | undefined;
    return {
      tell: (data: JsonObject) => {
        progress ??= this.#hand.live.progress(nodeId);
        progress.tell(data);
      },
      end: () => progress?.end(),
    };
  }

  /** Questions that the node may be left for: `leave` is called with what the run then waits for. */
  openAsks(node: NodeContextDeps, given: Pick<DurableAsksDeps, "began" | "woken" | "isBusy" | "tried" | "leave">): DurableAsks {
    const { runs, children, clock } = this.#deps;
    const { run, record } = this.#hand;
    const { nodeId, signal } = node;
    return new DurableAsks({
      ...{ run, nodeId, runs, children, clock, signal, countHops: this.#countHops, ...given },
      request: (operatorId, capability, request) => askHeld(node, operatorId, capability, request),
      onChild: () => record.childBegun(),
    });
  }

  /** For a step that runs a graph of the author's. */
  graph(nodeId: NodeId): Omit<GraphStepDeps, "woken" | "began" | "onDelta"> {
    const { checkpoints, observer } = this.#deps;
    const { run, record, live } = this.#hand;
    const { runId, attempt } = run;
    return {
      checkpoints,
      owner: { runId, attempt },
      onProgress: (data) => live.tell("node.progress", nodeId, data),
      onModelCall: (usage) => {
        const completion = usage === undefined ? undefined : { ...usage, costUsd: null };
        this.#countCall(completion);
        if (completion !== undefined) tellCompletion(observer, BROUGHT, completion);
      },
      // What cannot be deleted then goes with the run.
      onThread: (threadId) => record.afterCommit(() => void checkpoints.deleteThread(runId, threadId).catch(() => {})),
    };
  }

  /** For a step that begins other runs. */
  children(signal: AbortSignal): ChildRuns {
    return openChildRuns({ ...this.#deps, parent: this.#hand.run, queue: this.#deps.bus.queue, signal });
  }

  /** For a step that waits for events. */
  get waiting(): WaitingRun {
    return { store: this.#deps.eventWaits, claimed: this.#hand.claimed, step: this.#hand.record.step };
  }

  /** Looked up by a child's first question alone: whatever else follows from an event or a question knows it. */
  readonly #countHops = (): Promise<number> => {
    const { cause, run } = this.#hand.claimed;
    if (cause !== undefined || run.parentRunId === null) return Promise.resolve(cause?.hops ?? 0);
    this.#hops ??= patiently(() => this.#deps.runs.countHops(run.runId), { signal: this.#hand.interruption.signal });
    return this.#hops;
  };

  /** The models, as a node has them. */
  #llm(nodeId: NodeId): LlmProvider {
    const { llm, observer, logger } = this.#deps;
    return meterLlm(llm, { run: this.#hand.run, nodeId, observer, logger, count: (completion) => this.#countCall(completion) });
  }

  #countCall(completion: Omit<Completion, "content"> | undefined): void {
    const { usage, history } = this.#hand.record;
    usage.llmCall(completion);
    this.#usage.llmCall(completion);
    if (completion !== undefined) history.answeredBy(completion.model);
  }
}
