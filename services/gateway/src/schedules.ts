import { didYouMean, nearestNames, OpenVibeError, type OperatorId, toIso } from "@openvibe/core";
import { createSlots, listScheduled, type ScheduledTrigger } from "@openvibe/scheduler";
import type { StoredSchedule } from "@openvibe/store";
import type { z } from "zod";
import type { GatewayDeps } from "./gateway-deps.ts";
import type { ScheduleBody } from "./schemas/schedules.ts";

const NEXT_SLOTS = 3;

type Deps = Pick<GatewayDeps, "store" | "acceptor" | "clock">;

/** One trigger that the clock fires. @throws OpenVibeError OV_OPERATOR_NOT_FOUND, OV_TRIGGER_NOT_FOUND with those there are, OV_STORE_UNAVAILABLE */
export async function getScheduled({ acceptor }: Deps, operatorId: OperatorId, triggerId: string): Promise<ScheduledTrigger> {
  // Knows a trigger that was registered a moment ago, and whether there is any of that name.
  await acceptor.catalogue.getWorkflow(operatorId, triggerId);
  const scheduled = listScheduled([(await acceptor.catalogue.get(operatorId)).manifest]);
  const found = scheduled.find((each) => each.triggerId === triggerId);
  if (found !== undefined) return found;
  const triggers = scheduled.map((each) => each.triggerId);
  const nearest = nearestNames(triggerId, triggers);
  throw new OpenVibeError(
    "OV_TRIGGER_NOT_FOUND",
    `the clock does not start ${operatorId}.${triggerId}${didYouMean(nearest)}; of this operator it starts ${triggers.join(", ") || "nothing"}`,
    { extra: { triggers, did_you_mean: nearest } },
  );
}

/** What is shown of triggers: each with what the store keeps of it, and its run as it is by now. */
export async function toScheduleBodies(
  { store, clock }: Deps,
  triggers: readonly ScheduledTrigger[],
): Promise<z.infer<typeof ScheduleBody>[]> {
  const rows = await store.schedules.list();
  return await Promise.all(
    triggers.map(async (trigger) => {
      const row = rows.find((each) => each.operatorId === trigger.operatorId && each.triggerId === trigger.triggerId);
      return toScheduleBody(trigger, row, { now: clock.now(), lastRun: await toLastRun({ store }, row) });
    }),
  );
}

async function toLastRun(
  { store }: Pick<Deps, "store">,
  row: StoredSchedule | undefined,
): Promise<z.infer<typeof ScheduleBody>["last_run"]> {
  if (row === undefined || row.lastRunId === null || row.lastSlot === null) return null;
  const run = await store.runs.find(row.lastRunId);
  return { run_id: row.lastRunId, slot: toIso(row.lastSlot), status: run?.status ?? null };
}

function toScheduleBody(
  trigger: ScheduledTrigger,
  row: StoredSchedule | undefined,
  { now, lastRun }: { readonly now: number; readonly lastRun: z.infer<typeof ScheduleBody>["last_run"] },
): z.infer<typeof ScheduleBody> {
  const { operatorId, workflowId, triggerId, expression, zone, catchUp } = trigger;
  const pausedAt = row?.pausedAt ?? null;
  return {
    operator_id: operatorId,
    workflow_id: workflowId,
    trigger: triggerId,
    expression,
    time_zone: zone,
    catch_up: catchUp,
    paused: pausedAt !== null,
    paused_at: pausedAt === null ? null : toIso(pausedAt),
    next_slots: pausedAt === null ? nextSlots(trigger, now) : [],
    last_run: lastRun,
  };
}

function nextSlots(trigger: ScheduledTrigger, now: number): string[] {
  const slots = createSlots(trigger);
  const next: string[] = [];
  for (let at = slots.after(now); at !== undefined && next.length < NEXT_SLOTS; at = slots.after(at)) next.push(toIso(at));
  return next;
}
