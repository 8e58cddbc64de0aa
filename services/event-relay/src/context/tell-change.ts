import type { Bus } from "@openvibe/bus";
import {
  type ContextChange,
  findContextTrigger,
  isOpenVibeError,
  type JsonObject,
  type Logger,
  matchesKey,
  messageOf,
  type OpenVibeEvent,
  toContextEvent,
} from "@openvibe/core";
import type { Acceptor } from "@openvibe/runtime";
import type { StoredManifest } from "@openvibe/store";
import type { Metrics } from "@openvibe/telemetry";

export interface TellDeps {
  readonly bus: Pick<Bus, "log" | "buckets" | "signals">;
  readonly acceptor: Pick<Acceptor, "startByEvent">;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, "deadLettered"> | undefined;
  /** Ids of events that are in the log already, though it is not known how far was told. */
  readonly told: Set<string>;
}

/**
 * What one change causes: runs of the workflows it triggers, and its event. May be repeated: its runs have the change as their cause, and an event that is
 * known to be in the log is not told again.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE, OV_BUS_FULL
 */
export async function tellChange(deps: TellDeps, change: ContextChange, operators: readonly StoredManifest[]): Promise<void> {
  const { bus, told } = deps;
  const event = toContextEvent(change);
  await Promise.all([startRuns(deps, change, event, operators), told.has(event.id) ? undefined : bus.log.append(event)]);
  told.add(event.id);
}

async function startRuns(deps: TellDeps, change: ContextChange, event: OpenVibeEvent, operators: readonly StoredManifest[]): Promise<void> {
  const met = triggersOf(change, operators);
  if (met.length === 0) return;
  const { bucket, key, revision, value = null } = change;
  const before = await deps.bus.buckets.bucket(bucket).before(key, revision);
  const data: JsonObject = { bucket, key, revision, value, old_value: before?.value ?? null };
  await Promise.all(met.map((trigger) => start(deps, { ...event, data }, trigger)));
}

interface MetTrigger {
  readonly operator: StoredManifest;
  readonly workflow: StoredManifest["manifest"]["workflows"][number];
  readonly trigger: string;
}

function triggersOf({ bucket, key }: ContextChange, operators: readonly StoredManifest[]): readonly MetTrigger[] {
  return operators.flatMap((operator) =>
    operator.manifest.workflows.flatMap((workflow) =>
      workflow.triggers.flatMap(({ id, on }) => {
        const trigger = findContextTrigger(on);
        return trigger?.bucket === bucket && matchesKey(trigger.pattern, key) ? [{ operator, workflow, trigger: id }] : [];
      }),
    ),
  );
}

/** Nothing can come of what is refused, now or later: people are told, and the next change has its turn. */
async function start(deps: TellDeps, event: OpenVibeEvent, { operator, workflow, trigger }: MetTrigger): Promise<void> {
  const at = { to_operator_id: operator.manifest.id, workflow_id: workflow.id, trigger };
  try {
    await deps.acceptor.startByEvent({ event, operator, workflow, trigger, hops: 1 });
  } catch (error) {
    if (!isOpenVibeError(error, "OV_REQUEST_INVALID", "OV_RUN_UNSTORABLE")) throw error;
    deps.metrics?.deadLettered("event_refused");
    const body = { event_id: event.id, type: event.type, ...at, error: messageOf(error) };
    await deps.bus.signals.deadLetter({ operatorId: operator.manifest.id, reason: "event_refused", body });
  }
}
