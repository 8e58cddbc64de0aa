export { openRedisBus } from "./bus.ts";
export type { RedisBusOptions } from "./options.ts";
