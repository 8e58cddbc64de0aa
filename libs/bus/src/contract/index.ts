export { bucketsContract } from "./buckets.ts";
export { eventLogContract } from "./event-log.ts";
export { outageContract } from "./outage.ts";
export { requestsContract } from "./requests.ts";
export { signalsContract } from "./signals.ts";
export { workQueueContract } from "./work-queue.ts";
