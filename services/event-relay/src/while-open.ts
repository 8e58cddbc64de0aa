import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@openvibe/core";
import type { SseWriter } from "@openvibe/http";

const RETRY_MS = 1_000;

/**
 * Repeats `work` until it succeeds or the stream ends (then `undefined`): an outage of bus or store is waited out on the open connection, since
 * an error status would end an EventSource for good.
 */
export async function whileOpen<T>(writer: SseWriter, logger: Logger, work: () => Promise<T>): Promise<T | undefined> {
  while (writer.isOpen) {
    try {
      return await work();
    } catch (error) {
      if (!writer.isOpen) break;
      logger.warn({ err: error }, "stream waits for the event log");
      await sleep(RETRY_MS, undefined, { signal: writer.signal }).catch(() => {}); // the stream's end ends the loop
    }
  }
  return undefined;
}
