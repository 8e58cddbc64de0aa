export { createNoScheduler } from "./scheduler.ts";
