import type { CheckpointStore } from "./checkpoints.ts";
import type { ChildStore } from "./children.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { EventDataStore } from "./event-data.ts";
import type { EventWaitStore } from "./event-waits.ts";
import type { HeldEventStore } from "./held-events.ts";
import type { HistoryStore } from "./history.ts";
import type { ManifestStore } from "./manifests.ts";
import type { OutsideEventStore } from "./outside-events.ts";
import type { ParkingStore } from "./parking.ts";
import type { RunStore } from "./runs.ts";
import type { ScheduleStore } from "./schedules.ts";
import type { SettingStore } from "./settings.ts";
import type { SubStepStore } from "./sub-steps.ts";
import type { SubscriptionStore } from "./subscriptions.ts";
import type { SweepStore } from "./sweep.ts";
import type { WorkerStore } from "./workers.ts";

/** One store, by concern. Opening it brings its schema up to date. Disposing waits for what is in flight. */
export interface Store extends AsyncDisposable {
  readonly kind: "sqlite" | "postgres";
  /** Whether this process alone can hold the store: then every owner but a living one of this process is dead. */
  readonly exclusive: boolean;
  readonly runs: RunStore;
  readonly children: ChildStore;
  readonly history: HistoryStore;
  readonly subSteps: SubStepStore;
  readonly parking: ParkingStore;
  readonly sweep: SweepStore;
  readonly workers: WorkerStore;
  readonly manifests: ManifestStore;
  readonly settings: SettingStore;
  readonly schedules: ScheduleStore;
  readonly eventData: EventDataStore;
  readonly checkpoints: CheckpointStore;
  readonly subscriptions: SubscriptionStore;
  readonly deliveries: DeliveryStore;
  readonly eventWaits: EventWaitStore;
  readonly heldEvents: HeldEventStore;
  readonly outsideEvents: OutsideEventStore;
  /** @throws OpenVibeError OV_STORE_UNAVAILABLE when the store does not answer within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
}
