const TICK_MS = 10;

/** What is to be done at a tick that is to come, by the tick's number. */
const due = new Map<number, Set<() => void>>();

/**
 * Calls back at the tick at which this process tells what can wait a little: in half a tick at least, in one and a half at most. All runs have the same
 * ticks, and all that share one share a timer, the log's transaction and the broker's packets. Gives how to call it off. `call` must not throw.
 */
export function atTick(call: () => void): () => void {
  const now = performance.now();
  const tick = Math.ceil(now / TICK_MS + 0.5);
  let calls = due.get(tick);
  if (calls === undefined) {
    const made = new Set<() => void>();
    calls = made;
    due.set(tick, made);
    setTimeout(() => {
      due.delete(tick);
      for (const each of made) each();
    }, tick * TICK_MS - now);
  }
  const own = () => call();
  calls.add(own);
  return () => void calls.delete(own);
}
