/** What ends the work on a run before the run has come to its end: somebody's cancel, its deadline, the stop of this process. */
import { OpenVibeError, type ProblemCode } from "@openvibe/core";
import { MAX_TIMER_MS, type RunInterrupts } from "./step-timeout.ts";

export type InterruptedBy = "cancel" | "deadline" | "drain";

const CODES: Record<InterruptedBy, ProblemCode> = {
  cancel: "OV_RUN_CANCELLED",
  deadline: "OV_RUN_TIMEOUT",
  drain: "OV_SHUTTING_DOWN",
};

export class RunInterruption implements RunInterrupts {
  readonly interrupted: Promise<never>;
  readonly #runId: string;
  readonly #abort = new AbortController();
  /** Rejects `interrupted`. */
  readonly #leave: (error: Error) => void;
  #by: InterruptedBy | undefined;
  #draining = false;

  constructor(runId: string) {
    this.#runId = runId;
    const { signal } = this.#abort;
    const { promise, reject } = Promise.withResolvers<never>();
    this.interrupted = promise;
    this.#leave = reject;
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    promise.catch(() => {}); // nobody may be listening when it happens
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** What came first of those that abort the running step. */
  get by(): InterruptedBy | undefined {
    return this.#by;
  }

  /** The run is to be given back behind the running step, which is not aborted for that. */
  get draining(): boolean {
    return this.#draining;
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

  /** Interrupts the run when that time is over, now if it is. Clear what it gives when the run is left before. */
  watchDeadline(leftMs: number): NodeJS.Timeout {
    if (leftMs <= 0) this.#interrupt("deadline"); // at once: no step may begin
    return setTimeout(() => this.#interrupt("deadline"), Math.max(0, Math.min(leftMs, MAX_TIMER_MS)));
  }

  /** Ends the wait for the running node by `error`, and leaves its code alone until `dropNode`. */
  leaveNode(error: Error): void {
    this.#leave(error);
  }

  /** What the code of a node that was left still does is dropped. The run's last step in these hands. */
  dropNode(): void {
    this.#abort.abort(
      new OpenVibeError("OV_NODE_FAILED", `run ${this.#runId}: the node was left; it is run again when an answer is there`),
    );
  }

  #interrupt(by: InterruptedBy): void {
    this.#by ??= by;
    this.#abort.abort(new OpenVibeError(CODES[by], `run ${this.#runId} was interrupted: ${by}`));
  }
}
