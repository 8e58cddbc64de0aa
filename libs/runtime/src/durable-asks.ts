/**
 * Questions that a node waits for without a worker. What is asked becomes a child run; the node is left where it stands, and is run again from its start
 * when one of its children has ended: the same question then has its answer.
 */
import type { RequestEnvelope } from "@openvibe/bus";
import {
  type Clock,
  checkHops,
  isOpenVibeError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  OpenVibeError,
  type OperatorId,
  type Run,
  type RunId,
  RunStatus,
} from "@openvibe/core";
import type { ChildStore, RunStore } from "@openvibe/store";
import { checkDepth } from "./child-runs.ts";
import { hasEnded } from "./child-wait.ts";
import { patiently, pause } from "./patience.ts";
import type { Pause, Woken } from "./pausing.ts";
import { type Tried, toTriedData } from "./retrying.ts";

/** For a question to be taken, and for the answer of a run that has ended. */
const AT_ONCE_MS = 30_000;
const AGAIN_MS = 250;
const MAX_ASKS = 100;

export interface DurableAsksDeps {
  readonly run: Run;
  readonly nodeId: string;
  /** Writes of the run that were committed when the node began. */
  readonly began: number;
  readonly woken: Woken | undefined;
  readonly runs: Pick<RunStore, "find">;
  readonly children: Pick<ChildStore, "statusOf">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Events and questions in a row that led to the run. */
  readonly countHops: () => Promise<number>;
  /** What the node's attempts came to, this one not counted. */
  readonly tried: () => Omit<Tried, "began">;
  /** Asks and gives the answer, as long as that takes. @throws OpenVibeError OV_NO_RESPONDER, OV_ASK_FAILED, OV_ASK_TIMEOUT */
  readonly request: (operatorId: OperatorId, capability: string, request: RequestEnvelope) => Promise<JsonValue>;
  /** Hears that the run has a child. */
  readonly onChild: () => void;
  /** Whether the node waits for something else as well. */
  readonly isBusy: () => boolean;
  /** Leaves the node: it does nothing any more but wait for answers. */
  readonly leave: (pause: Pause) => void;
}

export interface DurableAsk {
  readonly operatorId: OperatorId;
  readonly capability: string;
  /** Without its deadline. */
  readonly request: Omit<RequestEnvelope, "deadlineAt" | "child">;
  readonly timeoutMs: number;
}

/** What the run keeps of a question. */
interface AskedRun {
  readonly askId: string;
  readonly asked: string;
  readonly runId: RunId;
}

export class DurableAsks {
  readonly #deps: DurableAsksDeps;
  /** Questions that were asked, by their ids: also those whose run has failed, which says so again. */
  readonly #asks: Map<string, AskedRun>;
  readonly #open = new Set<AskedRun>();
  #depth: Promise<void> | undefined;

  constructor(deps: DurableAsksDeps) {
    this.#deps = deps;
    this.#asks = new Map(readAsks(deps.woken).map((ask) => [ask.askId, ask]));
    if (this.#asks.size > 0) deps.onChild();
  }

  /**
   * The answer, where it is there; else the question is open until the node is run again.
   * @throws OpenVibeError OV_NO_RESPONDER, OV_ASK_FAILED, OV_ASK_TIMEOUT, OV_CHILD_DEPTH, OV_EVENT_LOOP
   */
  async find(ask: DurableAsk): Promise<{ readonly answer?: JsonValue }> {
    const { run, children, clock, signal } = this.#deps;
    const { askId } = ask.request;
    const begun = this.#asks.get(askId) ?? (await this.#begin(ask));
    if ("answer" in begun) return begun;
    const asked = { askId, asked: `${ask.operatorId}.${ask.capability}`, runId: begun.runId };
    this.#asks.set(askId, asked);
    const { runId } = asked;
    const status = await patiently(() => children.statusOf(runId), { signal });
    if (!hasEnded(status)) {
      if (this.#asks.size > MAX_ASKS)
        throw new OpenVibeError(
          "OV_NODE_FAILED",
          `run ${run.runId}: a node asks for more than ${MAX_ASKS} long answers, which is what is allowed`,
        );
      this.#open.add(asked);
      return {};
    }
    if (status === RunStatus.TimedOut)
      throw new OpenVibeError("OV_ASK_TIMEOUT", `${ask.operatorId}.${ask.capability}: run ${runId} had not ended in time`, {
        extra: { answered_code: "OV_RUN_NOT_COMPLETED" },
      });
    return { answer: await this.#patientlyAsk(ask, { ...ask.request, deadlineAt: clock.now() + AT_ONCE_MS }) };
  }

  async #begin({
    operatorId,
    capability,
    request,
    timeoutMs,
  }: DurableAsk): Promise<{ readonly runId: RunId } | { readonly answer: JsonValue }> {
    const { run, nodeId, clock, signal, runs, onChild, countHops } = this.#deps;
    checkHops(1 + (await countHops()), `run ${run.runId} node ${nodeId} may not ask ${operatorId}.${capability}`);
    this.#depth ??= checkDepth({ parent: run, runs, signal });
    await this.#depth;
    const now = clock.now();
    const deadline = Math.floor(Math.min(now + timeoutMs, run.deadline ?? Number.POSITIVE_INFINITY));
    onChild();
    const child = { parentRunId: run.runId, deadline };
    const reply = await this.#deps.request(operatorId, capability, { ...request, deadlineAt: now + AT_ONCE_MS, child });
    const runId = isPlainObject(reply) && Object.keys(reply).length === 1 ? reply.child_run_id : undefined;
    // A program of another kind that answers on the bus begins no run: what it says is the answer.
    return typeof runId === "string" ? { runId } : { answer: reply };
  }

  /** The run has ended: who would answer for it may be restarting. */
  async #patientlyAsk({ operatorId, capability }: DurableAsk, request: RequestEnvelope): Promise<JsonValue> {
    const { clock, signal } = this.#deps;
    for (;;) {
      try {
        return await this.#deps.request(operatorId, capability, request);
      } catch (error) {
        const passes = isOpenVibeError(error, "OV_NO_RESPONDER", "OV_BUS_UNAVAILABLE");
        if (!passes || signal.aborted || clock.now() + AGAIN_MS >= request.deadlineAt) throw error;
        await pause(AGAIN_MS, signal);
      }
    }
  }

  /** In a turn of the event loop of its own: whoever waited for something may go on with something else. */
  parkWhenIdle(): void {
    setImmediate(() => this.#park());
  }

  #park(): void {
    if (this.#deps.isBusy() || this.#open.size === 0 || this.#deps.signal.aborted) return;
    const { nodeId, began, tried } = this.#deps;
    const asks = [...this.#asks.values()].map(({ askId, asked, runId }) => ({ ask_id: askId, asked, run_id: runId }));
    const open = [...this.#open].map(({ runId }) => runId);
    // As with children of an `each` that has more items: the run goes on when any of them has ended.
    const wait = { total: open.length + 1, begun: open.length, open, fail_fast: false, origin: "ask" };
    const told = { asks: [...this.#open].map(({ asked, runId }) => ({ asked, child_run_id: runId })) };
    this.#deps.leave({ interrupt: { kind: "child", node_id: nodeId, data: { ...wait, began, asks, ...toTriedData(tried()) } }, told });
  }
}

function readAsks(woken: Woken | undefined): readonly AskedRun[] {
  const asks = woken?.interrupt.kind === "child" ? woken.interrupt.data.asks : undefined;
  if (!Array.isArray(asks)) return [];
  return (asks as readonly JsonObject[]).map(({ ask_id, asked, run_id }) => ({
    askId: String(ask_id),
    asked: String(asked),
    runId: String(run_id),
  }));
}
