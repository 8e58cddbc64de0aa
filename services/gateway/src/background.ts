import { type Logger, Slab } from "@openvibe/core";
import type { Background } from "./gateway-deps.ts";

export function createBackground(logger: Logger): Background & { endWaits(): void; settled(): Promise<unknown> } {
  const working = new Slab<Promise<unknown>>();
  const waiting = new Slab<AbortController>();
  let ended = false;
  return {
    run(work, fields, message) {
      const settled = work.catch((err) => logger.warn({ ...fields, err }, message)).finally(() => working.delete(slot));
      const slot = working.add(settled);
    },
    wait() {
      const controller = new AbortController();
      if (ended) controller.abort();
      const slot = waiting.add(controller);
      return {
        signal: controller.signal,
        abort: () => controller.abort(),
        [Symbol.dispose]: () => waiting.delete(slot),
      };
    },
    endWaits() {
      ended = true;
      for (const controller of waiting) controller.abort();
    },
    settled: () => Promise.allSettled(working),
  };
}
