/** Aborts on SIGTERM and SIGINT: the caller drains. A SIGINT after that ends the process at once, with exit code 130. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  process.on("SIGTERM", () => stop.abort("SIGTERM"));
  process.on("SIGINT", () => (stop.signal.aborted ? process.exit(130) : stop.abort("SIGINT")));
  return stop.signal;
}

/** Resolves when `signal` aborts, at once when it has. Keeps the process alive until then, which a pending promise does not. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  using _alive = keepAlive();
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

const LONG_MS = 2_147_483_647;

/** Without anything open (embedded store and bus, no door) Node would take a waiting process for done, and exit with 13. */
export function keepAlive(): Disposable {
  const timer = setInterval(() => {}, LONG_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
