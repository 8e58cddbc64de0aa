export { type Config, isLoopback, type Overrides, parseConfig, VARIABLES } from "./config.ts";
export { type Faults, parseFaults } from "./faults.ts";
export { type Listener, listen, serveUntil } from "./listen.ts";
export { loadOperators } from "./load-operators.ts";
export { type OpenedAdapters, type OpenOptions, openAdapters, openLlm } from "./open-adapters.ts";
export { runService, type ServiceDeps, secretsOf, stopSignal } from "./run-service.ts";
