import type { Bus } from "@openvibe/bus";
import { type ContextChange, findContextTrigger, matchesKey, type OpenVibeEvent, toContextEvent } from "@openvibe/core";
import type { StoredManifest } from "@openvibe/store";
import type { MetTrigger } from "../reactions/interest.ts";
import { type StartDeps, startRuns } from "../reactions/react.ts";

export interface TellDeps extends Omit<StartDeps, "signals"> {
  readonly bus: Pick<Bus, "log" | "buckets" | "signals">;
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
  await Promise.all([start(deps, change, event, operators), told.has(event.id) ? undefined : bus.log.append(event)]);
  told.add(event.id);
}

/** What it triggers is told the whole value, and the one before. */
async function start(deps: TellDeps, change: ContextChange, event: OpenVibeEvent, operators: readonly StoredManifest[]): Promise<void> {
  const met = triggersOf(change, operators);
  if (met.length === 0) return;
  const { bucket, key, revision, value = null } = change;
  const before = await deps.bus.buckets.bucket(bucket).before(key, revision);
  const data = { ...event.data, value, old_value: before?.value ?? null };
  await startRuns({ ...deps, signals: deps.bus.signals }, { ...event, data }, met);
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
