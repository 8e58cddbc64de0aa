import type { Signals } from "@openvibe/bus";
import {
  findCausingRun,
  findLoop,
  isOpenVibeError,
  type JsonObject,
  type Logger,
  messageOf,
  type OpenVibeEvent,
  toCloudEvent,
} from "@openvibe/core";
import type { Acceptor } from "@openvibe/runtime";
import type { Store } from "@openvibe/store";
import type { Metrics } from "@openvibe/telemetry";
import type { Interest } from "./interest.ts";
import { type InOrder, type MetTrigger, startOrHold, startOrLeave } from "./start-or-hold.ts";

export interface StartDeps {
  readonly store: Pick<Store, "runs" | "heldEvents">;
  readonly signals: Pick<Signals, "deadLetter">;
  readonly acceptor: Pick<Acceptor, "startByEvent">;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "deadLettered"> | undefined;
}

export interface ReactDeps extends StartDeps {
  readonly store: Pick<Store, "runs" | "heldEvents" | "eventData" | "eventWaits">;
}

/** An event, and its place among those that a trigger may meet. */
export interface PlacedEvent {
  readonly event: OpenVibeEvent;
  readonly place: number;
}

/**
 * What one event causes: it is kept for those who wait, then its runs are started. Gives what is left to do after the same was done for all events before it:
 * to hold it for triggers that do not start a run for each. All of it may be repeated: an event is kept and held once, and its id is the cause of at most
 * one run per trigger.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE
 */
export async function react(deps: ReactDeps, { event: told, place }: PlacedEvent, interest: Interest): Promise<readonly InOrder[]> {
  const event = await withData(deps, told);
  const matchKeys = interest.matchKeysOf(event, event.data);
  if (matchKeys.length > 0) await keep(deps, event, matchKeys);
  return await startRuns(deps, { event, place }, interest.triggersOf(event, event.data));
}

/** Starts a run of each trigger that the event meets; gives what is left to do in its order. May be repeated. @throws OpenVibeError OV_STORE_UNAVAILABLE */
export async function startRuns(deps: StartDeps, { event, place }: PlacedEvent, met: readonly MetTrigger[]): Promise<readonly InOrder[]> {
  if (met.length === 0) return [];
  const runId = findCausingRun(event);
  const hops = 1 + (runId === null ? 0 : await deps.store.runs.countHops(runId));
  return await startOrLeave(met, (trigger) => start(deps, { event, hops, place }, trigger));
}

async function keep(deps: ReactDeps, event: OpenVibeEvent, matchKeys: readonly string[]): Promise<void> {
  try {
    await deps.store.eventWaits.keep({ id: event.id, type: event.type, matchKeys, event: toCloudEvent(event) });
  } catch (error) {
    if (!isOpenVibeError(error, "OV_RUN_UNSTORABLE")) throw error;
    await refuse(deps, event, "event_refused", { error: messageOf(error) });
  }
}

async function start(deps: StartDeps, told: PlacedEvent & { readonly hops: number }, met: MetTrigger): Promise<void> {
  const { operator, workflow, trigger } = met;
  const { event, hops } = told;
  const at = { to_operator_id: operator.manifest.id, workflow_id: workflow.id, trigger };
  const loop = findLoop(hops);
  if (loop !== undefined) return await refuse(deps, event, "event_loop", { ...at, hops, error: loop });
  try {
    const started = await startOrHold(deps, told, met);
    const what = started?.replayed === true ? "an event's run was there already" : "an event started a run";
    if (started === undefined) deps.logger.debug({ event_id: event.id, ...at }, "an event is held until its trigger starts a run");
    else deps.logger.debug({ run_id: started.run.runId, event_id: event.id, ...at }, what);
  } catch (error) {
    if (!isOpenVibeError(error, "OV_REQUEST_INVALID", "OV_RUN_UNSTORABLE")) throw error;
    await refuse(deps, event, "event_refused", { ...at, error: messageOf(error) });
  }
}

/** Nothing can come of it, now or later: people are told, and the log goes on. */
async function refuse(deps: StartDeps, event: OpenVibeEvent, reason: "event_loop" | "event_refused", why: JsonObject): Promise<void> {
  const { id, type, operatorId } = event;
  const body = { event_id: id, type, operator_id: operatorId, run_id: findCausingRun(event), ...why };
  deps.logger.warn({ reason, ...body }, "an event does not start what it should");
  deps.metrics?.deadLettered(reason);
  await deps.signals.deadLetter({ operatorId, reason, body });
}

async function withData({ store, logger }: ReactDeps, event: OpenVibeEvent): Promise<OpenVibeEvent> {
  const { dataref, operatorId, runId, sequence } = event;
  if (dataref === undefined || operatorId === null || runId === null || sequence === null) return event;
  const text = await store.eventData.find({ operatorId, runId, sequence });
  if (text === undefined) {
    logger.warn({ event_id: event.id, type: event.type }, "an event's data is gone; it is taken as empty");
    return event;
  }
  const { dataref: _, ...rest } = event;
  return { ...rest, data: JSON.parse(text) as JsonObject };
}
