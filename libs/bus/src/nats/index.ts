export { applyToServers } from "./apply-to-servers.ts";
export { openNatsBus } from "./bus.ts";
export type { NatsBusOptions } from "./options.ts";
