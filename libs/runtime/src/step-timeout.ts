import { OpenVibeError } from "@openvibe/core";
import type { PlannedStep } from "@openvibe/graph";

/** Longer timers overflow and fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** What ends every step of a run: its signal, and a promise that rejects with it. */
export interface RunInterrupts {
  readonly signal: AbortSignal;
  readonly interrupted: Promise<never>;
}

/**
 * Ends a step's code at its own timeout and at the run's interruption; what it does after that is dropped.
 * @throws OpenVibeError OV_NODE_TIMEOUT
 */
export async function withStepTimeout<T>(
  { id, manifest }: PlannedStep,
  { signal, interrupted }: RunInterrupts,
  code: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeoutMs = manifest.timeout_ms;
  if (timeoutMs === undefined) return await Promise.race([code(signal), interrupted]);
  const own = new AbortController();
  const forward = () => own.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        const error = new OpenVibeError("OV_NODE_TIMEOUT", `node ${id} took longer than its ${timeoutMs} ms`);
        own.abort(error);
        reject(error);
      },
      Math.min(timeoutMs, MAX_TIMER_MS),
    );
  });
  try {
    return await Promise.race([code(own.signal), interrupted, timedOut]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", forward);
  }
}
