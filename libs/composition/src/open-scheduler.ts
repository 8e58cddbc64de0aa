import type { Clock, Logger } from "@openvibe/core";
import type { Scheduler, SlotObserver, StartSlot } from "@openvibe/scheduler";
import type { Store } from "@openvibe/store";
import type { Config } from "./config.ts";

export interface SchedulerDeps {
  readonly store: Store;
  readonly start: StartSlot;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: SlotObserver;
}

/** Opens the chosen one, loading only that. */
export async function openScheduler(kind: NonNullable<Config["scheduler"]>, deps: SchedulerDeps): Promise<Scheduler> {
  switch (kind) {
    case "none":
      return (await import("@openvibe/scheduler/none")).createNoScheduler();
    case "cron":
      return (await import("@openvibe/scheduler/cron")).createCronScheduler(deps);
    default:
      return kind satisfies never;
  }
}
