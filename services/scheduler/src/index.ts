export { createScheduler, type Scheduler, type SchedulerOptions } from "./scheduler.ts";
export { startSlotBy } from "./start-slot.ts";
