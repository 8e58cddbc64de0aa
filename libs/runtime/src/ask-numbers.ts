import { findOnce } from "./once.ts";
import type { FailedAsks, Tried } from "./retrying.ts";

/** One question of a node. */
export interface AskNumber {
  /** The same in every attempt, until the run that was asked for has failed. */
  readonly id: string;
  /** Its run has ended without an answer: the next time another one is begun. */
  readonly failed: () => void;
}

/**
 * Tells the questions of a node apart: by their order within the node, or within the sub-step that asks them, counted anew by every attempt. So an attempt finds what the
 * one before was answered, whether the pause between them was held or not; only a question whose run has failed is asked anew.
 */
export class AskNumbers {
  /** Attempts made before this one. */
  #attempts: number;
  #next = 0;
  readonly #failed: Map<string, number>;
  /** As they were when this attempt began: run again from its start, it meets the failures of its own again. */
  #failedBefore: FailedAsks;

  constructor(tried: Tried | undefined) {
    this.#attempts = tried?.attempt ?? 0;
    this.#failedBefore = tried?.failedAsks ?? {};
    this.#failed = new Map(Object.entries(this.#failedBefore));
  }

  take(): AskNumber {
    const within = findOnce();
    const number = within === undefined ? String(this.#next++) : `${within.key}:${within.asks++}`;
    const failures = this.#failed.get(number) ?? 0;
    return {
      id: failures === 0 ? number : `${number}~${failures}`,
      failed: () => void this.#failed.set(number, failures + 1),
    };
  }

  /** Gives what a pause before it keeps. */
  nextAttempt(): Omit<Tried, "began" | "model"> {
    this.#attempts++;
    this.#next = 0;
    this.#failedBefore = Object.fromEntries(this.#failed);
    return this.tried;
  }

  /** What a wait keeps, so that this attempt goes on behind it. */
  get tried(): Omit<Tried, "began" | "model"> {
    return { attempt: this.#attempts, failedAsks: this.#failedBefore };
  }
}
