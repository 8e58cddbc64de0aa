export { type CronSchedulerOptions, createCronScheduler } from "./scheduler.ts";
