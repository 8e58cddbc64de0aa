import type { Signals } from "@openvibe/bus";
import { type Clock, type JsonObject, type NodeId, type Run, toIso } from "@openvibe/core";
import { atTick } from "./ticks.ts";

const DELTA_EVERY_MS = 50;
const PROGRESS_EVERY_MS = 100;
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

  /**
   * A node begins; told at the next tick if it is still running, or before anything else of it: one that ends sooner is told by its stored event alone, as
   * nobody can act on its beginning, and most nodes are that quick. Gives how to say that it has ended.
   */
  begin(nodeId: NodeId, kind: string): () => void {
    const end = () => {
      callOff();
      this.#tellStarted = undefined;
    };
    const tellStarted = () => {
      end();
      this.tell("node.started", nodeId, { kind });
    };
    const callOff = atTick(tellStarted);
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

  /** Tells a node's progress, ten times a second at most: of what comes in between the newest counts. Call `end` when the node is over. */
  progress(nodeId: NodeId | null): { readonly tell: (data: JsonObject) => void; readonly end: () => void } {
    let newest: string | undefined;
    let timer: NodeJS.Timeout | undefined;
    const flush = () => {
      if (newest !== undefined) this.tell("node.progress", nodeId, JSON.parse(newest) as JsonObject);
      newest = undefined;
    };
    const rest = () => {
      timer = newest === undefined ? undefined : setTimeout(rest, PROGRESS_EVERY_MS);
      flush();
    };
    return {
      tell: (data) => {
        newest = JSON.stringify(data); // as it is now: its owner may change it
        if (timer !== undefined) return;
        flush();
        timer = setTimeout(rest, PROGRESS_EVERY_MS);
      },
      end: () => {
        clearTimeout(timer);
        flush();
      },
    };
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
