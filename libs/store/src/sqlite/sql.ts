import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Sql } from "../sql/sql.ts";
import type { Row, SqlValue, Statement } from "../sql/statement.ts";
import { sqliteDialect } from "./dialect.ts";
import { toStoreError } from "./failures.ts";
import type { Turns } from "./turns.ts";

interface Prepared {
  readonly statement: StatementSync;
  /** Those that the text names; what follows is of no use to this dialect. */
  readonly parameters: number;
}

/** The shared statements on one connection: each is prepared once, kept under its name. */
export function createSqliteSql({ database, turns, path }: { database: DatabaseSync; turns: Turns; path: string }): Sql {
  const kept = new Map<string, Prepared>();
  const prepare = ({ name, text }: Statement): Prepared => {
    let prepared = kept.get(name);
    if (prepared === undefined) {
      const parameters = Math.max(0, ...text.matchAll(/\$(\d+)/g).map(([, number]) => Number(number)));
      // $1 would be a name to SQLite; ?1 is a number.
      prepared = { statement: database.prepare(text.replaceAll(/\$(\d+)/g, "?$1")), parameters };
      kept.set(name, prepared);
    }
    return prepared;
  };
  const failing = (error: unknown): never => {
    throw toStoreError(error, path);
  };

  return {
    dialect: sqliteDialect,
    grouped(given) {
      const columns = Object.keys(given.columns);
      const first = ({ name, text }: Statement, row: Row): Row | undefined => {
        const { statement, parameters } = prepare({ name, text });
        const values: SqlValue[] = [];
        for (let n = 0; n < parameters; n++) values.push(row[columns[n] ?? ""] ?? null);
        return statement.get(...values) as Row | undefined;
      };
      const { besides } = given;
      if (besides === undefined) return (row) => turns.ask(() => ({ row: first(given, row), again: false })).catch(failing);
      const both = (row: Row) => {
        const returned = first(given, row);
        if (returned !== undefined) first({ name: `${given.name}_besides`, text: besides }, row);
        return { row: returned, again: false };
      };
      return (row) => turns.ask(() => wholly(database, () => both(row))).catch(failing);
    },
    ask: (given, values) =>
      turns
        .ask(() => {
          const { statement, parameters } = prepare(given);
          return { rows: statement.all(...values.slice(0, parameters)) as unknown as readonly Row[], again: false };
        })
        .catch(failing),
  };
}

/** Inside the turn's transaction: what fails in its middle leaves nothing behind. */
function wholly<T>(database: DatabaseSync, change: () => T): T {
  database.exec("SAVEPOINT whole");
  try {
    const result = change();
    database.exec("RELEASE whole");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK TO whole; RELEASE whole");
    throw error;
  }
}
