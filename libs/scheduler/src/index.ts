export { listScheduled, type ScheduledTrigger } from "./scheduled-trigger.ts";
export type { Scheduler, Slot, StartSlot } from "./scheduler.ts";
export { createSlots, type Slots } from "./slots.ts";
