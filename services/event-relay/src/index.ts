export { createEventRelay, type EventRelay, type EventRelayOptions, type RelayLimits } from "./event-relay.ts";
export { createEventReactor, type EventReactor, type EventReactorOptions } from "./reactions/event-reactor.ts";
export { type ContextTeller, type ContextTellerOptions, createContextTeller } from "./context/context-teller.ts";
export type { RelayFaults } from "./relay-parts.ts";
