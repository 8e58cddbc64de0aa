import { eventOrigin, type OpenVibeEvent, type Pacing, pacingKey, type WorkflowManifest } from "@openvibe/core";
import { type Acceptor, checkEventData } from "@openvibe/runtime";
import type { Store, StoredManifest } from "@openvibe/store";

/** A trigger that an event or a change meets. */
export interface MetTrigger {
  readonly operator: StoredManifest;
  readonly workflow: WorkflowManifest;
  readonly trigger: string;
  /** How often it starts runs; for each event when absent. */
  readonly pacing: Pacing | undefined;
}

export interface StartDeps {
  readonly store: Pick<Store, "heldEvents">;
  readonly acceptor: Pick<Acceptor, "startByEvent">;
}

/** An event, the events in a row that led here, this one counted, and its place among those that the trigger meets. */
interface Told {
  readonly event: OpenVibeEvent;
  readonly hops: number;
  readonly place: number;
}

/**
 * Starts the run of an event, or holds it until its trigger's time has come. May be repeated. Gives the run, where there is one now.
 * @throws OpenVibeError OV_REQUEST_INVALID, OV_RUN_UNSTORABLE (nothing can come of it), OV_STORE_UNAVAILABLE
 */
export async function startOrHold({ store, acceptor }: StartDeps, { event, hops, place }: Told, met: MetTrigger) {
  const { operator, workflow, trigger, pacing } = met;
  if (pacing === undefined) return await acceptor.startByEvent({ event, operator, workflow, trigger, hops });
  checkEventData(event);
  const key = pacingKey(pacing, event.data);
  const operatorId = operator.manifest.id;
  const origin = eventOrigin(operatorId, trigger, event.id);
  await store.heldEvents.hold({ operatorId, triggerId: trigger, event, hops, place, pacing, key, origin });
  return undefined;
}

/** Done one after the other: whoever takes held events finds all that came before the first. */
export type InOrder = () => Promise<void>;

/** Starts what each event starts, all at once; gives what has its order. */
export async function startOrLeave(met: readonly MetTrigger[], start: (met: MetTrigger) => Promise<void>): Promise<readonly InOrder[]> {
  await Promise.all(met.filter(({ pacing }) => pacing === undefined).map(start));
  return met.filter(({ pacing }) => pacing !== undefined).map((each) => () => start(each));
}
