import type { Bus } from "@openvibe/bus";
import { type Clock, isOpenVibeError, type JsonObject, type Logger, messageOf, newRunId, toIso } from "@openvibe/core";
import { type Acceptor, publishOutbox } from "@openvibe/runtime";
import type { Store, StoredManifest, TakenEvents } from "@openvibe/store";
import type { Metrics } from "@openvibe/telemetry";

export interface StartHeldDeps {
  readonly store: Pick<Store, "heldEvents" | "manifests" | "runs" | "children">;
  readonly bus: Pick<Bus, "log" | "queue" | "signals">;
  readonly acceptor: Pick<Acceptor, "startByEvent">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "deadLettered"> | undefined;
}

const AT_ONCE = 100;
/** Runs of one trigger and key in one look, where they start one by one. */
const MOST_ROUNDS = 100;

/**
 * Starts runs with the events whose time has come. Any number of relays may do it: which events belong to which run is decided in the store before the run is
 * made, and the run is made again under the same id where whoever made it did not come to say so.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE
 */
export async function startHeld(deps: StartHeldDeps): Promise<void> {
  const { heldEvents, manifests } = deps.store;
  if (await heldEvents.isEmpty()) return;
  await heldEvents.tidy();
  await cancelSuperseded(deps);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if ((await heldEvents.take({ limit: AT_ONCE, newRunId: () => newRunId(deps.clock.now()) })) === 0) break;
  }
  for (;;) {
    const taken = await heldEvents.findTaken(AT_ONCE);
    if (taken.length === 0) return;
    const operators = new Map((await manifests.list()).map((operator) => [operator.manifest.id, operator]));
    await Promise.all(taken.map((events) => start(deps, events, operators.get(events.operatorId))));
  }
}

async function start(deps: StartHeldDeps, taken: TakenEvents, operator: StoredManifest | undefined): Promise<void> {
  const { runId, operatorId, triggerId, events, hops, isBatch } = taken;
  const at = { to_operator_id: operatorId, trigger: triggerId, run_id: runId };
  const workflow = operator?.manifest.workflows.find(({ triggers }) => triggers.some(({ id }) => id === triggerId));
  const event = events.at(-1);
  if (operator === undefined || workflow === undefined || event === undefined)
    await refuse(deps, taken, { ...at, error: `operator ${operatorId} has no trigger ${triggerId} any more` });
  else
    try {
      const given = { runId, event, operator, workflow, trigger: triggerId, hops };
      await deps.acceptor.startByEvent(isBatch ? { ...given, batch: events } : given);
      deps.logger.debug({ ...at, events: events.length, event_id: event.id }, "events that were held started a run");
    } catch (error) {
      if (!isOpenVibeError(error, "OV_REQUEST_INVALID", "OV_RUN_UNSTORABLE")) throw error;
      await refuse(deps, taken, { ...at, error: messageOf(error) });
    }
  await deps.store.heldEvents.settle(runId);
}

/** Nothing can come of them, now or later: people are told. */
async function refuse({ bus, metrics }: StartHeldDeps, { operatorId, events }: TakenEvents, why: JsonObject): Promise<void> {
  metrics?.deadLettered("event_refused");
  await bus.signals.deadLetter({ operatorId, reason: "event_refused", body: { event_ids: events.map(({ id }) => id), ...why } });
}

async function cancelSuperseded(deps: StartHeldDeps): Promise<void> {
  const { store, bus, clock, logger } = deps;
  for (const { operatorId, runId } of await store.heldEvents.findSuperseded(AT_ONCE)) {
    const event = { type: "run.cancelled", time: toIso(clock.now()), data: { status: "cancelled" } };
    const result = await store.runs.cancel({ operatorId, runId, event });
    // Events that cannot leave now stay in the run's own record, and bring the sweep there.
    if (result.did === "cancelled")
      await publishOutbox(deps, result.run, result.outbox).catch((err: unknown) =>
        logger.debug({ run_id: runId, err }, "a cancelled run's events are left to the sweep"),
      );
    if (result.did === "requested") bus.signals.control({ operatorId, verb: "cancel", runId, body: {} });
  }
}
