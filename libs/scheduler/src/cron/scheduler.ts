import { type Clock, isOpenVibeError, type Logger, type RunId, toIso } from "@openvibe/core";
import type { Store, StoredSchedule } from "@openvibe/store";
import { listScheduled, type ScheduledTrigger } from "../scheduled-trigger.ts";
import type { PassedSlots, Scheduler, SlotObserver, StartSlot } from "../scheduler.ts";
import { createSlots, type Slots } from "../slots.ts";
import { CATCH_UP_MS, pickDue } from "./pick-due.ts";

export interface CronSchedulerOptions {
  readonly store: Pick<Store, "manifests" | "schedules">;
  readonly start: StartSlot;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer?: SlotObserver;
}

/** How long a new trigger, or one that is gone, may stay unnoticed. */
const FOLLOW_EVERY_MS = 5_000;

/** A trigger that this process follows. */
interface Followed {
  readonly trigger: ScheduledTrigger;
  readonly slots: Slots;
  /** Nothing is due before; `undefined`: never. */
  nextAt: number | undefined;
  /** Slots wait because the operator has too much to do: told once, not every second. */
  waits: boolean;
}

/**
 * Keeps nothing but what stands in the store. A row says up to when a trigger's slots are done with; it is read before each start and written after it, so
 * that a slot is started again when a process dies between the two, and found to have its run.
 */
export function createCronScheduler({ store, start, clock, logger, observer }: CronSchedulerOptions): Scheduler {
  const { manifests, schedules } = store;
  let followed = new Map<string, Followed>();
  let followAt = Number.NEGATIVE_INFINITY;

  /** `rows` were read before: what nobody asks for any more by then is gone, and was not begun a moment ago by somebody who knows more. */
  const follow = async (rows: ReadonlyMap<string, StoredSchedule>, now: number) => {
    const triggers = listScheduled((await manifests.list()).map(({ manifest }) => manifest));
    const wanted = new Map<string, Followed>();
    for (const trigger of triggers) {
      const known = followed.get(keyOf(trigger));
      const row = rows.get(keyOf(trigger));
      if (row?.on !== trigger.on) await schedules.begin({ ...trigger, at: now });
      wanted.set(keyOf(trigger), known?.trigger.on === trigger.on ? { ...known, trigger } : toFollowed(trigger, row, now));
    }
    for (const [key, row] of rows) if (!wanted.has(key) && row.pausedAt === null) await schedules.forget(row);
    followed = wanted;
  };

  /** Gives whether the trigger's slots up to now are done with. */
  const fire = async (each: Followed, { settledUpto }: StoredSchedule, now: number): Promise<boolean> => {
    const { trigger, slots } = each;
    const passed = slots.between(Math.max(settledUpto, now - CATCH_UP_MS), now);
    const { due, left } = pickDue(passed, trigger.catchUp, now);
    const newest = passed.at(-1);
    if (newest === undefined) return true;
    const { operatorId, triggerId, on } = trigger;
    if (left > 0 && !each.waits)
      logger.warn({ operator_id: operatorId, trigger: triggerId, slots: left }, "slots were missed and get no run");
    const tell = (outcome: PassedSlots["outcome"], count: number) => {
      if (count > 0) observer?.slotsPassed({ operatorId, triggerId, outcome, count });
    };
    let runId: RunId | undefined;
    let refused = 0;
    for (const at of due) {
      try {
        const started = await start({ operatorId, triggerId, at });
        if (started.isNew) tell("started", 1);
        ({ runId } = started);
      } catch (err) {
        if (isOpenVibeError(err, "OV_STORE_UNAVAILABLE")) throw err;
        const again = isOpenVibeError(err, "OV_BACKLOG_FULL");
        if (!again || !each.waits)
          logger.warn({ operator_id: operatorId, trigger: triggerId, slot: toIso(at), err }, "a slot's run is refused");
        each.waits = again;
        if (again) return false;
        runId = undefined;
        refused++;
      }
    }
    each.waits = false;
    const isNews = await schedules.settle({ operatorId, triggerId, on, upto: newest, ...(runId === undefined ? {} : { runId }) });
    if (isNews) tell("missed", left);
    if (isNews) tell("refused", refused);
    return true;
  };

  const fireDue = async (each: Followed, row: StoredSchedule | undefined, now: number) => {
    if (row?.on !== each.trigger.on) return; // begun by this look, or changed by somebody who knows more
    if (row.pausedAt === null && !(await fire(each, row, now))) return;
    each.nextAt = each.slots.after(now);
  };

  return {
    async look() {
      const now = clock.now();
      const isDue = ({ nextAt }: Followed) => nextAt !== undefined && nextAt <= now;
      if (now < followAt && ![...followed.values()].some(isDue)) return;
      const rows = new Map((await schedules.list()).map((row) => [keyOf(row), row]));
      if (now >= followAt) {
        await follow(rows, now);
        followAt = now + FOLLOW_EVERY_MS;
      }
      const due = [...followed].filter(([, each]) => isDue(each));
      const fired = await Promise.allSettled(due.map(([key, each]) => fireDue(each, rows.get(key), now)));
      const failed = fired.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function keyOf({ operatorId, triggerId }: Pick<StoredSchedule, "operatorId" | "triggerId">): string {
  return `${operatorId}.${triggerId}`;
}

function toFollowed(trigger: ScheduledTrigger, row: StoredSchedule | undefined, now: number): Followed {
  const slots = createSlots(trigger);
  const since = row?.on === trigger.on ? Math.max(row.settledUpto, now - CATCH_UP_MS) : now;
  return { trigger, slots, nextAt: slots.after(since), waits: false };
}
