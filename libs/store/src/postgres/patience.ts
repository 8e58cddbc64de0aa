import { type Logger, messageOf, OpenVibeError } from "@openvibe/core";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;
const WARN_EVERY_MS = 5_000;

/** Waiting for a Postgres that does not answer: growing pauses, one warning every five seconds, an end when the store is closed. */
export class Patience {
  readonly #where: string;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(where: string, logger: Logger) {
    this.#where = where;
    this.#logger = logger;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  warn(error: unknown): void {
    const now = performance.now();
    if (now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    this.#logger.warn({ store: this.#where, error: messageOf(error) }, "Postgres does not answer, asking again");
  }

  /** The pause before the next try: none worth noticing at first, since most failures are one lost connection. */
  async pause(failed: number): Promise<void> {
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failed) * (0.5 + Math.random() / 2);
    const { signal } = this.#closing;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }

  unavailable(cause: unknown): OpenVibeError {
    return new OpenVibeError("OV_STORE_UNAVAILABLE", `${this.#where}: ${this.closed ? "the store is closed" : messageOf(cause)}`, {
      cause,
    });
  }

  refused(runId: string | undefined, cause: unknown): OpenVibeError {
    const what = runId === undefined ? "the data" : `the data of run ${runId}`;
    return new OpenVibeError("OV_RUN_UNSTORABLE", `${this.#where} refuses ${what}: ${messageOf(cause)}`, { cause });
  }
}
