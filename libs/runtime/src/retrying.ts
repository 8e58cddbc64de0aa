/** The pauses between a step's attempts: a short one is held, a long one is waited for without a worker (DESIGN §6 rule 2, kind `retry`). */
import { type JsonObject, messageOf, type NodeId, type RetryManifest, toIso } from "@openvibe/core";
import type { Pause, Woken } from "./pausing.ts";

/** A longer pause parks the run. */
const LONGEST_HELD_MS = 30_000;

export function isLongPause(delayMs: number): boolean {
  return delayMs > LONGEST_HELD_MS;
}

/** The pause after an attempt (counted from 1) has failed. */
export function pauseAfter({ backoff_ms, factor, longest_ms, jitter }: RetryManifest, attempt: number): number {
  const full = Math.min(longest_ms, backoff_ms * factor ** (attempt - 1));
  return Math.round(full * (1 - jitter * Math.random()));
}

/** What a step keeps over a long pause. */
export interface Tried {
  /** Attempts made. */
  readonly attempt: number;
  /** Writes of the run that were committed when the step began: what it has kept since is still its own. */
  readonly began: number;
  /** The model whose turn it is, where the step may ask several. */
  readonly model?: string;
}

interface LongPause extends Tried {
  readonly nodeId: NodeId;
  readonly delayMs: number;
  readonly error: unknown;
  readonly now: number;
}

export function parkForRetry({ nodeId, delayMs, error, now, ...tried }: LongPause): Pause {
  const data: JsonObject = { ...tried, error: messageOf(error).slice(0, MAX_MESSAGE), until: toIso(now + delayMs) };
  return { interrupt: { kind: "retry", node_id: nodeId, data }, due: { afterMs: delayMs } };
}

/** People read it beside the run; the whole of it is in the log. */
const MAX_MESSAGE = 1_000;

/** What a step had tried before the pause that the run has just woken from. */
export function triedBefore(woken: Woken | undefined): Tried | undefined {
  if (woken?.interrupt.kind !== "retry") return undefined;
  const { attempt, began, model } = woken.interrupt.data;
  return { attempt: Number(attempt), began: Number(began), ...(typeof model === "string" ? { model } : {}) };
}
