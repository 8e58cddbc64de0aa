import { join } from "node:path";
import { silentLogger } from "@openvibe/core";
import type { Store } from "@openvibe/store";
import { openPostgresStore } from "@openvibe/store/postgres";
import { openSqliteStore } from "@openvibe/store/sqlite";
import { query } from "../systems/query.ts";
import type { Surroundings } from "../systems/system.ts";
import { seedStatement } from "./seed.ts";

export interface SeededStore extends AsyncDisposable {
  readonly store: Store;
  readonly title: string;
}

/** A store with so many runs that ended or wait. */
export type OpenSeeded = (rows: number) => Promise<SeededStore>;

export const KINDS: Readonly<Record<"Postgres" | "SQLite", (surroundings: Surroundings) => OpenSeeded>> = {
  Postgres:
    ({ databaseUrl }) =>
    async (rows) => {
      const schema = `rows_${rows}`;
      const store = await openPostgresStore({ url: databaseUrl, schema, logger: silentLogger });
      await query(databaseUrl, seedStatement({ table: `"${schema}".runs`, rows, now: Date.now() }));
      // As autovacuum does, sooner or later.
      await query(databaseUrl, `VACUUM ANALYZE "${schema}".runs`);
      return { store, title: `${rows} runs`, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
    },
  SQLite:
    ({ folder }) =>
    async (rows) => {
      const store = openSqliteStore({ path: join(folder, `rows_${rows}.db`) });
      store.database.exec(seedStatement({ table: "runs", rows, now: Date.now() }));
      return { store, title: `${rows} runs`, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
    },
};
