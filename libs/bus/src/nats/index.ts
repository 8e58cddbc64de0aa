export { openNatsBus } from "./bus.ts";
export { type ExamineServersOptions, examineServers } from "./examine-servers.ts";
export { applyOnServers, planOnServers } from "./on-servers.ts";
export type { NatsBusOptions } from "./options.ts";
