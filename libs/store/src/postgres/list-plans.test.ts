import { newToken } from "@openvibe/core";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { listedWrongly } from "../contract/listed-wrongly.ts";
import { insertManyRuns, LIST_CASES, MANY } from "../contract/many-runs.ts";
import { toListQuery } from "../sql/list.ts";
import { postgresDialect } from "./dialect.ts";
import { openPostgresStore } from "./store.ts";

/** What EXPLAIN says of a node. */
interface Plan {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

const schema = `test_${newToken()}`;
const client = new Client({ connectionString: inject("postgresUrl") });

beforeAll(async () => {
  await (await openPostgresStore({ url: inject("postgresUrl"), schema }))[Symbol.asyncDispose]();
  await client.connect();
  // As the pool has it (pool.ts).
  await client.query(
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; SET plan_cache_mode = force_generic_plan",
  );
  await client.query(
    insertManyRuns(
      `"${schema}".runs`,
      `(SELECT n FROM generate_series(1, ${MANY}) AS numbers(n)) AS numbers`,
      "now_",
      postgresDialect(schema),
    ),
  );
  expect((await client.query(listedWrongly(`"${schema}".runs`))).rows).toEqual([]);
  await client.query(`INSERT INTO "${schema}".run_tags (run_id, key, value, created_at)
    SELECT run_id, 'team', 'emea', created_at FROM "${schema}".runs WHERE tags <> '{}'`);
}, 60_000);
afterAll(() => client.end());

const nodesOf = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe.each(["without statistics", "with statistics"])(`a page of ${MANY} runs in Postgres, %s`, (statistics) => {
  beforeAll(async () => {
    if (statistics === "with statistics") await client.query(`ANALYZE "${schema}".runs; ANALYZE "${schema}".run_tags`);
  }, 60_000);

  test.each(LIST_CASES)("$what reads little more than what it gives", async ({ filter, before }) => {
    const { statement, values } = toListQuery(postgresDialect(schema), filter, { limit: 50, ...(before === undefined ? {} : { before }) });

    const { rows } = await client.query<{ "QUERY PLAN": readonly { Plan: Plan }[] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`, [
      ...values,
    ]);

    const nodes = nodesOf(rows[0]?.["QUERY PLAN"][0]?.Plan as Plan);
    const scans = nodes.filter((node) => node["Node Type"].endsWith("Scan") && (node["Relation Name"] ?? node["Index Name"]) !== undefined);
    const read = scans.reduce((sum, node) => sum + (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"], 0);
    expect(nodes.map((node) => node["Node Type"])).not.toContain("Seq Scan");
    expect(read).toBeLessThan(MANY / 50);
    expect(nodes[0]?.["Actual Rows"]).toBeGreaterThan(0);
  });
});
