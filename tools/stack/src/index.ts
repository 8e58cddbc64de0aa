export { freePort } from "./free-port.ts";
export { type NatsCluster, type NatsClusterOptions, startNatsCluster } from "./nats-cluster.ts";
export type { NatsOptions, NatsServer } from "./nats-server.ts";
export { createDatabase, dropDatabase } from "./postgres-database.ts";
export type { PostgresOptions, PostgresServer } from "./postgres-server.ts";
export { startNats } from "./start-nats.ts";
export { startPostgres } from "./start-postgres.ts";
export { FoundBy } from "./ways.ts";
