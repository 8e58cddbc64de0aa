import type { Signals } from "@openvibe/bus";
import { type Clock, type JsonObject, type NodeId, type Run, toIso } from "@openvibe/core";

const DELTA_EVERY_MS = 50;

/** Tells live events of one attempt of a run, numbered, so that a listener sees what it missed. Nothing rests on them. */
export class LiveTeller {
  readonly #signals: Signals;
  readonly #clock: Clock;
  readonly #run: Run;
  #number = 0;

  constructor(signals: Signals, clock: Clock, run: Run) {
    this.#signals = signals;
    this.#clock = clock;
    this.#run = run;
  }

  tell(type: string, nodeId: NodeId | null, data: JsonObject): void {
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
