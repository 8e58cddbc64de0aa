export { createEventRelay, type EventRelay, type EventRelayOptions, type RelayLimits } from "./event-relay.ts";
export type { RelayFaults } from "./relay-parts.ts";
