export { listScheduled, type ScheduledTrigger } from "./scheduled-trigger.ts";
export type { PassedSlots, Scheduler, Slot, SlotObserver, StartSlot } from "./scheduler.ts";
export { createSlots, type Slots } from "./slots.ts";
