import { type EventLoopUtilization, performance } from "node:perf_hooks";

const LOOKS_EVERY_MS = 100;
/** A loop that waits for less of its time than the rest has no time to spare. */
const SATURATED = 0.95;

/** Whether this thread's event loop had time to spare lately: https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2 */
export class LoopLoad {
  #from: EventLoopUtilization = performance.eventLoopUtilization();
  #lookedAt = performance.now();
  #saturated = false;

  get saturated(): boolean {
    const now = performance.now();
    if (now - this.#lookedAt < LOOKS_EVERY_MS) return this.#saturated;
    const to = performance.eventLoopUtilization();
    this.#saturated = performance.eventLoopUtilization(to, this.#from).utilization > SATURATED;
    this.#from = to;
    this.#lookedAt = now;
    return this.#saturated;
  }
}
