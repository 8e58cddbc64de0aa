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
import type { Interest, MetTrigger } from "./interest.ts";

export interface StartDeps {
  readonly store: Pick<Store, "runs">;
  readonly signals: Pick<Signals, "deadLetter">;
  readonly acceptor: Pick<Acceptor, "startByEvent">;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "deadLettered"> | undefined;
}

export interface ReactDeps extends StartDeps {
  readonly store: Pick<Store, "runs" | "eventData" | "eventWaits">;
}

/**
 * What one event causes: it is kept for those who wait, then its runs are started. All of it may be repeated: an event is kept once, and its id is the cause of
 * at most one run per trigger.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE
 */
export async function react(deps: ReactDeps, told: OpenVibeEvent, interest: Interest): Promise<void> {
  const event = await withData(deps, told);
  const matchKeys = interest.matchKeysOf(event, event.data);
  if (matchKeys.length > 0) await keep(deps, event, matchKeys);
  await startRuns(deps, event, interest.triggersOf(event, event.data));
}

/** Starts a run of each trigger that the event meets. May be repeated. @throws OpenVibeError OV_STORE_UNAVAILABLE */
export async function startRuns(deps: StartDeps, event: OpenVibeEvent, met: readonly MetTrigger[]): Promise<void> {
  if (met.length === 0) return;
  const runId = findCausingRun(event);
  const hops = 1 + (runId === null ? 0 : await deps.store.runs.countHops(runId));
  await Promise.all(met.map((trigger) => start(deps, event, trigger, hops)));
}

async function keep(deps: ReactDeps, event: OpenVibeEvent, matchKeys: readonly string[]): Promise<void> {
  try {
    await deps.store.eventWaits.keep({ id: event.id, type: event.type, matchKeys, event: toCloudEvent(event) });
  } catch (error) {
    if (!isOpenVibeError(error, "OV_RUN_UNSTORABLE")) throw error;
    await refuse(deps, event, "event_refused", { error: messageOf(error) });
  }
}

async function start(deps: StartDeps, event: OpenVibeEvent, { operator, workflow, trigger }: MetTrigger, hops: number): Promise<void> {
  const at = { to_operator_id: operator.manifest.id, workflow_id: workflow.id, trigger };
  const loop = findLoop(hops);
  if (loop !== undefined) return await refuse(deps, event, "event_loop", { ...at, hops, error: loop });
  try {
    const { run, replayed } = await deps.acceptor.startByEvent({ event, operator, workflow, trigger, hops });
    deps.logger.debug(
      { run_id: run.runId, event_id: event.id, ...at },
      replayed ? "an event's run was there already" : "an event started a run",
    );
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
