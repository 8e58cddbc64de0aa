import { hash } from "node:crypto";
import { type FinalStatus, isFinal, RUN_STATUSES, RunStatus } from "@openvibe/core";
import type { RunFilter, RunPage } from "../runs.ts";
import type { Dialect } from "./dialect.ts";
import { listed, RUN_COLUMNS } from "./run-columns.ts";
import type { SqlValue, Statement } from "./statement.ts";

export interface ListQuery {
  readonly statement: Statement;
  readonly values: readonly SqlValue[];
}

/** What `listed_as` holds of runs that are shown: queued and running ones, and those with unsent events, are `live`. */
const LISTED_AS: readonly ("live" | "waiting" | FinalStatus)[] = ["live", RunStatus.Waiting, ...RUN_STATUSES.filter(isFinal)];

/** Later than any time there is. */
const NEVER = 8.64e15;

const NEWEST_FIRST = "ORDER BY created_at DESC, run_id DESC";

/**
 * One page of runs. Each walk follows an index in the page's own order and stops when the page is full; what is then read whole are the page's runs.
 * With a status there is a walk for each `listed_as`, put together: no index could hold the status itself (see migrations/003-lists.ts).
 * There are few texts, whatever is asked for: a prepared statement is kept for each.
 */
export function toListQuery(dialect: Dialect, filter: RunFilter, { limit, before }: RunPage): ListQuery {
  const { operatorId, statuses, workflowId, trigger, parentRunId, tags = [], createdFrom = 0, createdBefore = NEVER } = filter;
  const values: SqlValue[] = [];
  const given = (value: SqlValue) => `$${values.push(value)}`;
  const runs = dialect.table("runs");

  const most = given(limit);
  const newest = [given(before?.createdAt ?? createdBefore), given(before?.runId ?? "")];
  const oldest = given(createdFrom);
  const maybe = (column: string, value: string | undefined) => {
    const text = `CAST(${given(value ?? null)} AS text)`;
    return `(${text} IS NULL OR ${column} = ${text})`;
  };
  const others = `${maybe("runs.workflow_id", workflowId)} AND ${maybe("runs.trigger_id", trigger)}`;
  const asked = `CAST(${given(statuses === undefined ? null : `,${statuses.join(",")},`)} AS text)`;
  const isAsked = (status: string) => `(${asked} IS NULL OR ${asked} LIKE '%,' || ${status} || ',%')`;

  /**
   * Rows of one index, from its one end to the other. Bounds and order name all its columns: with an equation for the first ones Postgres would
   * take them for constants, find the order in another index, and pass over all the rows there that are not asked for.
   */
  const walk = (rows: string, from: string, fixed: Readonly<Record<string, string>>, condition: string) => {
    const columns = [...Object.keys(fixed), "created_at", "run_id"].map((column) => `${rows}.${column}`);
    const first = Object.values(fixed);
    return `SELECT ${rows}.run_id, ${rows}.created_at FROM ${from}
      WHERE (${columns.join(", ")}) < (${[...first, ...newest].join(", ")}) AND (${columns.slice(0, -1).join(", ")}) >= (${[...first, oldest].join(", ")})
        AND ${condition} AND ${others} ORDER BY ${columns.map((column) => `${column} DESC`).join(", ")} LIMIT ${most}`;
  };

  const toPicks = (): string => {
    const [first, ...more] = tags.map(([name, text]) => ({ key: given(name), value: given(text) }));
    if (first !== undefined) {
      const runTags = dialect.table("run_tags");
      const conditions = [
        "runs.run_id = tagged.run_id AND runs.listed_as <> 'purged'",
        isAsked("runs.status"),
        maybe("runs.operator_id", operatorId),
        ...(parentRunId === undefined ? [] : [maybe("runs.parent_run_id", parentRunId)]),
        ...more.map(
          ({ key, value }) =>
            `EXISTS (SELECT 1 FROM ${runTags} AS also WHERE also.run_id = tagged.run_id AND also.key = ${key} AND also.value = ${value})`,
        ),
      ];
      return walk("tagged", `${runTags} AS tagged CROSS JOIN ${runs}`, first, conditions.join(" AND "));
    }
    if (parentRunId !== undefined) {
      const conditions = [
        "runs.parent_run_id IS NOT NULL AND runs.listed_as <> 'purged'",
        isAsked("runs.status"),
        maybe("(runs.operator_id || '')", operatorId), // an expression, so that no index of operators is read for it
      ];
      return walk("runs", runs, { parent_run_id: given(parentRunId) }, conditions.join(" AND "));
    }
    const operator = operatorId === undefined ? {} : { operator_id: given(operatorId) };
    if (statuses === undefined) return walk("runs", runs, operator, `runs.listed_as <> 'purged' AND ${isAsked("''")}`);
    const walks = LISTED_AS.map((as) => {
      const fixed = { ...operator, listed_as: `'${as}'` };
      return `SELECT * FROM (${walk("runs", runs, fixed, isAsked(as === "live" ? "runs.status" : `'${as}'`))}) AS walk_${as}`;
    });
    return walks.join(" UNION ALL ");
  };

  const text = `SELECT ${listed(RUN_COLUMNS)}
    FROM (SELECT * FROM (${toPicks()}) AS found ${NEWEST_FIRST} LIMIT ${most}) AS picked CROSS JOIN ${runs}
    WHERE runs.run_id = picked.run_id ORDER BY picked.created_at DESC, picked.run_id DESC`;
  return { statement: { name: `list_${hash("sha256", text).slice(0, 16)}`, text }, values };
}
