import { setTimeout as sleep } from "node:timers/promises";
import { isOpenVibeError, type Logger } from "@openvibe/core";
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
      // The hub tells of an outage once a second; two thousand streams need not.
      if (isOpenVibeError(error, "OV_BUS_UNAVAILABLE", "OV_STORE_UNAVAILABLE"))
        logger.debug({ err: error }, "stream waits for the event log");
      else logger.error({ err: error }, "stream failed and tries again");
      await sleep(RETRY_MS, undefined, { signal: writer.signal }).catch(() => {}); // the stream's end ends the loop
    }
  }
  return undefined;
}
