export {
  type Bucket,
  type BucketChange,
  type BucketEntry,
  type BucketKey,
  type BucketOptions,
  type BucketPlace,
  type Buckets,
  KEPT_CHANGES,
  type WriteOptions,
} from "./buckets.ts";
export type { Bus } from "./bus.ts";
export type { EventFilter, EventLog, LogBounds, LoggedEvent } from "./event-log.ts";
export type { ChildOf, RequestEnvelope, Requests, ServedHere } from "./requests.ts";
export type { ControlSignal, Signals } from "./signals.ts";
export { type DataKeeper, withDatarefs } from "./with-datarefs.ts";
export { type Delivery, HOLD_MS, type Slots, type WorkQueue } from "./work-queue.ts";
