import type { Bus } from "@openvibe/bus";
import {
  type ContextChange,
  findContextTrigger,
  findPacing,
  isPacingKnown,
  matchesKey,
  type OpenVibeEvent,
  toContextEvent,
} from "@openvibe/core";
import type { StoredManifest } from "@openvibe/store";
import { type StartDeps, startRuns } from "../reactions/react.ts";
import type { InOrder, MetTrigger } from "../reactions/start-or-hold.ts";

export interface TellDeps extends Omit<StartDeps, "signals"> {
  readonly bus: Pick<Bus, "log" | "buckets" | "signals">;
  /** Ids of events that are in the log already, though it is not known how far was told. */
  readonly told: Set<string>;
}

/**
 * What one change causes: runs of the workflows it triggers, and its event. Gives what is left to do after the same was done for all changes before it: to
 * hold it for triggers that do not start a run for each. May be repeated: its runs have the change as their cause, and an event that is
 * known to be in the log is not told again.
 * @throws OpenVibeError OV_STORE_UNAVAILABLE, OV_BUS_UNAVAILABLE, OV_BUS_FULL
 */
export async function tellChange(deps: TellDeps, change: ContextChange, operators: readonly StoredManifest[]): Promise<readonly InOrder[]> {
  const { bus, told } = deps;
  const event = toContextEvent(change);
  const [left] = await Promise.all([start(deps, change, event, operators), told.has(event.id) ? undefined : bus.log.append(event)]);
  told.add(event.id);
  return left;
}

/** What it triggers is told the whole value, and the one before. */
async function start(
  deps: TellDeps,
  change: ContextChange,
  event: OpenVibeEvent,
  operators: readonly StoredManifest[],
): Promise<readonly InOrder[]> {
  const met = triggersOf(change, operators);
  if (met.length === 0) return [];
  const { bucket, key, revision, value = null } = change;
  const before = await deps.bus.buckets.bucket(bucket).before(key, revision);
  const data = { ...event.data, value, old_value: before?.value ?? null };
  return await startRuns({ ...deps, signals: deps.bus.signals }, { event: { ...event, data }, place: revision }, met);
}

function triggersOf({ bucket, key }: ContextChange, operators: readonly StoredManifest[]): readonly MetTrigger[] {
  return operators.flatMap((operator) =>
    operator.manifest.workflows.flatMap((workflow) =>
      workflow.triggers.flatMap((given) => {
        const trigger = findContextTrigger(given.on);
        if (trigger?.bucket !== bucket || !matchesKey(trigger.pattern, key) || !isPacingKnown(given)) return [];
        return [{ operator, workflow, trigger: given.id, pacing: findPacing(given) }];
      }),
    ),
  );
}
