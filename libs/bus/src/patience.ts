import { messageOf, type OpenVibeError } from "@openvibe/core";
import type { Connection } from "./connection.ts";

const SHORTEST_MS = 50;
const LONGEST_MS = 500;

/** How long something is tried again, and with which pauses. */
export class Patience {
  readonly #link: Connection;
  readonly #boundMs: number;
  #deadline: number;
  #pauseMs = SHORTEST_MS;

  /** `Infinity` tries for as long as the bus is open. */
  constructor(link: Connection, boundMs: number = link.patienceMs) {
    this.#link = link;
    this.#boundMs = boundMs;
    this.#deadline = Date.now() + boundMs;
  }

  get leftMs(): number {
    return this.#deadline - Date.now();
  }

  /** It went well: begins anew. */
  reset(): void {
    this.#deadline = Date.now() + this.#boundMs;
    this.#pauseMs = SHORTEST_MS;
  }

  /** Pauses, and waits for a lost connection. Gives false when the time is over, the bus is closed or `signal` aborted. */
  async again(signal?: AbortSignal): Promise<boolean> {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_MS);
    await pause(this.#link, Math.max(1, Math.min(pauseMs, this.leftMs)), signal);
    while (!this.#link.connected && this.leftMs > 0 && !this.#over(signal))
      await pause(this.#link, Math.min(LONGEST_MS, this.leftMs), signal);
    return this.leftMs > 0 && !this.#over(signal);
  }

  #over(signal: AbortSignal | undefined): boolean {
    return this.#link.closed || signal?.aborted === true;
  }
}

/** Ends early when the connection is back or somebody aborts. */
function pause(link: Connection, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, ms);
  const off = link.onChange(() => {
    if (link.connected) end();
  });
  link.closing.addEventListener("abort", end);
  signal?.addEventListener("abort", end);
  return promise.finally(() => {
    clearTimeout(timer);
    off();
    link.closing.removeEventListener("abort", end);
    signal?.removeEventListener("abort", end);
  });
}

export interface Persistence {
  /** Whether it may go well when tried again soon. */
  readonly passing: (error: unknown) => boolean;
  /** What is thrown in the end. */
  readonly toError: (what: string, cause: unknown) => OpenVibeError;
}

/** Runs `work` until it goes well, fails for good, or patience is over. Only for what may be done twice. @throws OpenVibeError OV_BUS_UNAVAILABLE, and what `work` means */
export async function persistOn<T>(link: Connection, what: string, work: () => Promise<T>, { passing, toError }: Persistence): Promise<T> {
  link.assertOpen();
  const patience = new Patience(link);
  if (!link.connected) await patience.again();
  for (;;) {
    try {
      return await link.ask(work());
    } catch (error) {
      if (!passing(error) || !(await patience.again())) throw toError(what, error);
      link.logger.debug({ what, error: messageOf(error) }, "tried again");
    }
  }
}
