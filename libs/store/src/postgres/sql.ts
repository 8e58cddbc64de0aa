import type { Pool } from "pg";
import type { Dialect } from "../sql/dialect.ts";
import type { Answer, GroupOptions, Sql } from "../sql/sql.ts";
import type { Row, RowsStatement, SqlValue, Statement } from "../sql/statement.ts";
import { toArray } from "./arrays.ts";
import { judgeFailure } from "./failures.ts";
import { Grouped } from "./grouped.ts";
import type { Patience } from "./patience.ts";
import type { Timeouts } from "./timeouts.ts";

export interface PostgresSqlOptions {
  readonly pool: Pool;
  readonly dialect: Dialect;
  readonly patience: Patience;
  readonly timeouts: Required<Timeouts>;
}

/** `idle` resolves when nothing is in flight. */
export function createPostgresSql({ pool, dialect, patience, timeouts }: PostgresSqlOptions): Sql & { idle(): Promise<void> } {
  const groups: Grouped<Row, Answer>[] = [];
  const asked = new Set<Promise<unknown>>();
  const query = async ({ name, text }: Statement, values: readonly (SqlValue | Buffer)[]) =>
    (await pool.query<Row>({ name, text, values: [...values] })).rows;

  const sendGroup = async (statement: RowsStatement, rows: readonly Row[], again: boolean): Promise<readonly Answer[]> => {
    const [first] = rows;
    if (statement.one !== undefined && first !== undefined && rows.length === 1) {
      const values = statement.one.parameters.map((column) => first[column] ?? null);
      return [{ row: (await query(statement.one, values))[0], again }];
    }
    const values = Object.entries(statement.columns).map(([column, type]) =>
      toArray(
        type,
        rows.map((row) => row[column] ?? null),
      ),
    );
    const returned = new Map((await query(statement, values)).map((row) => [row.run_id, row]));
    return rows.map((row) => ({ row: returned.get(row.run_id ?? null), again }));
  };

  const askOne = async (statement: Statement, values: readonly SqlValue[]) => {
    const until = performance.now() + timeouts.callerMs;
    for (let failed = 0; ; failed++) {
      if (patience.closed) throw patience.unavailable(undefined);
      try {
        return { rows: await query(statement, values), again: failed > 0 };
      } catch (error) {
        const failure = judgeFailure(error);
        if (failure === "data") throw patience.refused(undefined, error);
        if (failure === "lasting" || performance.now() > until) throw patience.unavailable(error);
        patience.warn(error);
        await patience.pause(failed);
      }
    }
  };

  return {
    dialect,
    grouped(statement: RowsStatement, options: GroupOptions) {
      const group = new Grouped<Row, Answer>({
        keyOf: (row) => String(row.run_id),
        charactersOf: (row) => Object.values(row).reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0),
        send: (rows, again) => sendGroup(statement, rows, again),
        deadlineMs: options.patience === "owner" ? timeouts.ownerMs : timeouts.callerMs,
        patience,
        shared: options.shared === true,
      });
      groups.push(group);
      return (row) => group.ask(row);
    },
    ask(statement, values) {
      const answer = askOne(statement, values);
      asked.add(answer);
      const forget = () => asked.delete(answer);
      answer.then(forget, forget);
      return answer;
    },
    async idle() {
      await Promise.all(groups.map((group) => group.idle()));
      await Promise.allSettled(asked);
    },
  };
}
