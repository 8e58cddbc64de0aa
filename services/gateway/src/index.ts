export { createGateway, type Gateway } from "./gateway.ts";
export type { GatewayDeps } from "./gateway-deps.ts";
export { proxyToRelay } from "./proxy-to-relay.ts";
