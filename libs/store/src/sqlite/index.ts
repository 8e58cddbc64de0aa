export { inspectSqlite, type SqliteFacts } from "./inspect.ts";
export { openSqliteStore, type SqliteStoreOptions } from "./store.ts";
