export type { StoreFaults } from "../sql/faults.ts";
export { openPostgresStore, type PostgresStoreOptions } from "./store.ts";
export type { Timeouts } from "./timeouts.ts";
