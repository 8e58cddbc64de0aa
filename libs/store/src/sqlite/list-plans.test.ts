import { beforeAll, describe, expect, test } from "vitest";
import { insertManyRuns, LIST_CASES, MANY } from "../contract/many-runs.ts";
import { toListQuery } from "../sql/list.ts";
import { sqliteDialect } from "./dialect.ts";
import { openSqliteStore } from "./store.ts";

const { database, runs } = openSqliteStore({ path: ":memory:" });

beforeAll(() => {
  const numbers = `(WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < ${MANY}) SELECT n FROM up)`;
  database.exec(insertManyRuns("runs", numbers, "run_", sqliteDialect));
});

describe(`a page of ${MANY} runs in SQLite`, () => {
  test.each(LIST_CASES)("$what seeks in an index, and sorts no more than pages", async ({ filter, before }) => {
    const page = { limit: 50, ...(before === undefined ? {} : { before }) };
    const { statement, values } = toListQuery(sqliteDialect, filter, page);

    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${statement.text.replaceAll(/\$(\d+)/g, "?$1")}`)
      .all(...values)
      .map(({ detail }) => String(detail));

    const walked = plan.filter((line) => /^(SCAN|SEARCH) (runs|tagged)\b/.test(line) && !line.endsWith("(run_id=?)"));
    const index =
      filter.tags !== undefined
        ? "run_tags_listed ((key,value,created_at"
        : filter.parentRunId !== undefined
          ? "runs_parent ((parent_run_id,created_at"
          : filter.operatorId !== undefined
            ? filter.statuses !== undefined
              ? "runs_operator_listed ((operator_id,listed_as,created_at"
              : "runs_operator_created ((operator_id,created_at"
            : filter.statuses !== undefined
              ? "runs_listed ((listed_as,created_at"
              : "runs_created (created_at";
    expect(walked).toHaveLength(index.includes("listed_as") ? 7 : 1);
    for (const line of walked) expect(line).toMatch(/^SEARCH /);
    for (const line of walked) expect(line).toContain(` INDEX ${index}`);
    // Only what walks have given is sorted.
    expect(plan.filter((line, at) => line.includes("TEMP B-TREE") && !/^SCAN (walk_|found)/.test(plan[at - 1] ?? ""))).toEqual([]);
    expect((await runs.list(filter, page)).length).toBeGreaterThan(0);
  });
});
