/** The pauses between a step's attempts: a short one is held, a long one is waited for without a worker (DESIGN §6 rule 2, kind `retry`). */
import { isPlainObject, type JsonObject, messageOf, type NodeId, type RetryManifest, toIso } from "@openvibe/core";
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

/** Questions of a node whose runs have failed, by their numbers: how many in a row. */
export type FailedAsks = Readonly<Record<string, number>>;

/** What a step keeps over a long pause. */
export interface Tried {
  /** Attempts made. */
  readonly attempt: number;
  /** Writes of the run that were committed when the step began: what it has kept since is still its own. */
  readonly began: number;
  /** The model whose turn it is, where the step may ask several. */
  readonly model?: string;
  readonly failedAsks?: FailedAsks;
}

interface LongPause extends Tried {
  readonly nodeId: NodeId;
  readonly delayMs: number;
  readonly error: unknown;
  readonly now: number;
}

export function parkForRetry({ nodeId, delayMs, error, now, ...tried }: LongPause): Pause {
  const data: JsonObject = { ...toTriedData(tried), error: messageOf(error).slice(0, MAX_MESSAGE), until: toIso(now + delayMs) };
  return { interrupt: { kind: "retry", node_id: nodeId, data }, due: { afterMs: delayMs } };
}

/** People read it beside the run; the whole of it is in the log. */
const MAX_MESSAGE = 1_000;

/** As the interrupt of a wait holds it, beside what else it keeps. */
export function toTriedData({ attempt, failedAsks = {}, ...tried }: Omit<Tried, "began"> & { readonly began?: number }): JsonObject {
  if (attempt === 0) return tried;
  return { attempt, ...tried, ...(Object.keys(failedAsks).length === 0 ? {} : { failed_asks: failedAsks }) };
}

/** What a step had tried before the wait that the run has just woken from: a pause between attempts, or for answers within one. */
export function triedBefore(woken: Woken | undefined): Tried | undefined {
  if (woken?.interrupt.kind !== "retry" && woken?.interrupt.kind !== "child") return undefined;
  const { attempt, began, model, failed_asks: failedAsks } = woken.interrupt.data;
  if (typeof attempt !== "number") return undefined;
  return {
    attempt,
    began: Number(began),
    ...(typeof model === "string" ? { model } : {}),
    ...(isPlainObject(failedAsks) ? { failedAsks: failedAsks as FailedAsks } : {}),
  };
}
