export type { StoreFaults } from "../sql/faults.ts";
export { inspectPostgres, type PostgresFacts } from "./inspect.ts";
export { openPostgresStore, type PostgresStoreOptions } from "./store.ts";
export { openPostgresTestSchema, type PostgresTestSchema } from "./test-schema.ts";
export type { Timeouts } from "./timeouts.ts";
