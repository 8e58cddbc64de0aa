import { admissionContract } from "./admission.ts";
import { cancelContract } from "./cancel.ts";
import { causesContract } from "./causes.ts";
import { checkpointsContract } from "./checkpoints.ts";
import { childrenContract } from "./children.ts";
import { deadlinesContract } from "./deadlines.ts";
import { deliveriesContract } from "./deliveries.ts";
import { eventDataContract } from "./event-data.ts";
import { eventWaitsContract } from "./event-waits.ts";
import { heldEventsContract } from "./held-events.ts";
import { historyContract } from "./history.ts";
import { listsContract } from "./lists.ts";
import { manifestsContract } from "./manifests.ts";
import { overridesContract } from "./overrides.ts";
import { parkingContract } from "./parking.ts";
import { retentionContract } from "./retention.ts";
import { runsContract } from "./runs.ts";
import { schedulesContract } from "./schedules.ts";
import { settingsContract } from "./settings.ts";
import { settlingContract } from "./settling.ts";
import { subStepsContract } from "./sub-steps.ts";
import { subscriptionsContract } from "./subscriptions.ts";
import { sweepContract } from "./sweep.ts";
import { timersContract } from "./timers.ts";
import type { StoreContract } from "./under-test.ts";
import { wakeContract } from "./wake.ts";
import { workersContract } from "./workers.ts";

/** What every store promises, as tests. */
export function storeContract(contract: StoreContract): void {
  runsContract(contract);
  listsContract(contract);
  admissionContract(contract);
  settlingContract(contract);
  cancelContract(contract);
  wakeContract(contract);
  sweepContract(contract);
  timersContract(contract);
  deadlinesContract(contract);
  retentionContract(contract);
  childrenContract(contract);
  workersContract(contract);
  historyContract(contract);
  subStepsContract(contract);
  parkingContract(contract);
  overridesContract(contract);
  manifestsContract(contract);
  settingsContract(contract);
  schedulesContract(contract);
  eventDataContract(contract);
  checkpointsContract(contract);
  subscriptionsContract(contract);
  deliveriesContract(contract);
  causesContract(contract);
  eventWaitsContract(contract);
  heldEventsContract(contract);
}

export type { StoreContract, StoreUnderTest } from "./under-test.ts";
