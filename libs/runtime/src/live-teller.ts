import type { Signals } from "@openvibe/bus";
import { type Clock, type JsonObject, type NodeId, type Run, toIso } from "@openvibe/core";

const DELTA_EVERY_MS = 50;
/** A node that ends sooner is told by its stored event alone: nobody can act on its beginning, and most nodes are that quick. */
const STARTED_AFTER_MS = 10;

/** Tells live events of one attempt of a run, numbered, so that a listener sees what it missed. Nothing rests on them. */
export class LiveTeller {
  readonly #signals: Signals;
  readonly #clock: Clock;
  readonly #run: Run;
  #number = 0;
  /** Tells the beginning of the running node, if that is still to be told. */
  #tellStarted: (() => void) | undefined;

  constructor(signals: Signals, clock: Clock, run: Run) {
    this.#signals = signals;
    this.#clock = clock;
    this.#run = run;
  }

  /** A node begins; told when it is still running a little later, or before anything else of it. Gives how to say that it has ended. */
  begin(nodeId: NodeId, kind: string): () => void {
    const end = () => {
      clearTimeout(timer);
      this.#tellStarted = undefined;
    };
    const tellStarted = () => {
      end();
      this.tell("node.started", nodeId, { kind });
    };
    const timer = setTimeout(tellStarted, STARTED_AFTER_MS);
    this.#tellStarted = tellStarted;
    return end;
  }

  tell(type: string, nodeId: NodeId | null, data: JsonObject): void {
    this.#tellStarted?.();
    const { operatorId, workflowId, runId, attempt } = this.#run;
    this.#signals.live({
      type,
      time: toIso(this.#clock.now()),
      operatorId,
      workflowId,
      runId,
      nodeId,
      attempt,
      number: this.#number++,
      data,
    });
  }

  /** Gathers a model's pieces of text and tells them a few times a second. Call `end` when the call is over. */
  deltas(nodeId: NodeId): { readonly onDelta: (text: string) => void; readonly end: () => void } {
    let text = "";
    let timer: NodeJS.Timeout | undefined;
    const flush = () => {
      clearTimeout(timer);
      timer = undefined;
      if (text !== "") this.tell("llm.delta", nodeId, { text });
      text = "";
    };
    return {
      onDelta: (piece) => {
        text += piece;
        timer ??= setTimeout(flush, DELTA_EVERY_MS);
      },
      end: flush,
    };
  }
}
