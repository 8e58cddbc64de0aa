export {
  type CheckpointOwner,
  type CheckpointPlace,
  type CheckpointStore,
  MAX_WRITES,
  type StoredCheckpoint,
  type StoredWrite,
} from "./checkpoints.ts";
export type { EventAddress, EventDataStore } from "./event-data.ts";
export type { HistoryPage, HistoryStore } from "./history.ts";
export type { ManifestStore, StoredManifest, UnreadableManifest } from "./manifests.ts";
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
export type { SettingStore } from "./settings.ts";
export type { Store } from "./store.ts";
export type { SubStep, SubStepStore } from "./sub-steps.ts";
export { type DueKind, SWEEP_LIMIT, type SweepStore } from "./sweep.ts";
export type { BeatOptions, WorkerStore } from "./workers.ts";
