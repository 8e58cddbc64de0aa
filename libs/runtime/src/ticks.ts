const TICK_MS = 10;

interface Tick {
  readonly calls: Set<() => void>;
  readonly timer: NodeJS.Timeout;
}

/** What is to be done at ticks that are to come, by the tick's number. */
const due = new Map<number, Tick>();

/**
 * Calls back at the tick at which this process tells what can wait a little: in half a tick at least, in one and a half at most. All runs have the same
 * ticks, and all that share one share a timer, the log's transaction and the broker's packets. Gives how to call it off. `call` must not throw.
 */
export function atTick(call: () => void): () => void {
  const now = performance.now();
  const number = Math.ceil(now / TICK_MS + 0.5);
  const { calls, timer } = due.get(number) ?? begin(number, number * TICK_MS - now);
  const own = () => call();
  calls.add(own);
  return () => {
    if (!calls.delete(own) || calls.size > 0) return;
    clearTimeout(timer);
    due.delete(number);
  };
}

function begin(number: number, afterMs: number): Tick {
  const calls = new Set<() => void>();
  const timer = setTimeout(() => {
    due.delete(number);
    for (const call of calls) call();
  }, afterMs);
  const tick = { calls, timer };
  due.set(number, tick);
  return tick;
}
