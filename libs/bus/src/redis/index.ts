export { openRedisBus } from "./bus.ts";
export { examineRedis } from "./examine-server.ts";
export type { RedisBusOptions } from "./options.ts";
