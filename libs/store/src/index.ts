export {
  type CheckpointOwner,
  type CheckpointPlace,
  type CheckpointStore,
  MAX_WRITES,
  type StoredCheckpoint,
  type StoredWrite,
} from "./checkpoints.ts";
export type { Child, ChildStore } from "./children.ts";
export {
  type Attempt,
  type AttemptEnd,
  DELIVERY_STATUSES,
  type Delivery,
  type DeliveryStatus,
  type DeliveryStore,
  type NewDelivery,
  type WebhookPage,
} from "./deliveries.ts";
export type { EventAddress, EventDataStore } from "./event-data.ts";
export type { ArrivedEvent, EventToKeep, EventWait, EventWaitStore, WaitAddress } from "./event-waits.ts";
export type { EventToHold, HeldEventStore, TakenEvents, UnderWay } from "./held-events.ts";
export type { HistoryPage, HistoryStore } from "./history.ts";
export type { ManifestStore, PostedSource, RemovedOperator, StoredManifest, UnreadableManifest } from "./manifests.ts";
export type { OutsideEventStore } from "./outside-events.ts";
export type { ParkedRun, ParkingStore } from "./parking.ts";
export type {
  CancelResult,
  ClaimedRun,
  ClaimResult,
  NewRun,
  RunFilter,
  RunPage,
  RunStore,
  RunWrite,
  WakeRequest,
  WriteVerdict,
} from "./runs.ts";
export type { ScheduleStore, StoredSchedule } from "./schedules.ts";
export type { SettingStore } from "./settings.ts";
export type { Store } from "./store.ts";
export type { SubStep, SubStepStore } from "./sub-steps.ts";
export type {
  NewSubscription,
  Replay,
  Subscription,
  SubscriptionChange,
  SubscriptionStatus,
  SubscriptionStore,
} from "./subscriptions.ts";
export { type DueKind, SWEEP_LIMIT, type SweepStore } from "./sweep.ts";
export { toDelivery } from "./to-delivery.ts";
export { exactTypes, toWants } from "./wants.ts";
export type { BeatOptions, WorkerStore } from "./workers.ts";
