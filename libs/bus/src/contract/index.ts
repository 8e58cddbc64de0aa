import { bucketsContract } from "./buckets.ts";
import { eventLogContract } from "./event-log.ts";
import { requestsContract } from "./requests.ts";
import { signalsContract } from "./signals.ts";
import { workQueueContract } from "./work-queue.ts";
import type { BusUnderTest } from "./world.ts";

/** All promises of the port; for a new sibling. */
export function busContract(under: BusUnderTest): void {
  workQueueContract(under);
  eventLogContract(under);
  requestsContract(under);
  signalsContract(under);
  bucketsContract(under);
}

export type { BusUnderTest, World } from "./world.ts";
export { bucketsContract, eventLogContract, requestsContract, signalsContract, workQueueContract };
