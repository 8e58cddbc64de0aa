import { CLOSE_DOWN_MS, DRAIN_TIMEOUT_MS, type Logger, messageOf } from "@openvibe/core";
import type { Config } from "./config.ts";
import type { OpenedAdapters } from "./open-adapters.ts";

export interface StopLimitOptions extends OpenedAdapters {
  readonly config: Pick<Config, "drainTimeoutMs">;
  readonly logger: Logger;
  /** Aborts when the stop begins. */
  readonly signal: AbortSignal;
}

/**
 * One deadline for a whole stop. Its parts end one after the other, and each would wait out its own patience with a store or a bus that does not
 * answer: when `drainTimeoutMs` and 5 s are over both are closed, and whatever waits for them is told so. Dispose of it when the stop is done.
 */
export function limitStop({ config, store, bus, logger, signal }: StopLimitOptions): Disposable {
  const limitMs = (config.drainTimeoutMs ?? DRAIN_TIMEOUT_MS) + CLOSE_DOWN_MS;
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    logger.warn({ limit_ms: limitMs }, "the stop takes too long: bus and store are closed");
    // The bus begins, which may keep its log in the store.
    for (const part of [bus, store])
      part[Symbol.asyncDispose]().then(undefined, (error: unknown) => logger.warn({ error: messageOf(error) }, "closing failed"));
  };
  const begin = () => {
    timer = setTimeout(end, limitMs);
  };
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener("abort", begin);
      clearTimeout(timer);
    },
  };
}
