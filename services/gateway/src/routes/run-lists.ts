import { type JsonObject, RunStatus, toRunBody } from "@openvibe/core";
import { assertMayOperator, type Caller, parseParams, parseQuery } from "@openvibe/http";
import type { RunFilter } from "@openvibe/store";
import type { FastifyPluginAsync } from "fastify";
import { CURSOR, parseRunCursor, toRunCursor } from "../cursor.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { CREATED_AFTER, CREATED_BEFORE, LIMIT, OPERATOR, PARENT, STATUS, TAG, TRIGGER, WORKFLOW } from "../list-parameters.ts";
import { listRunsOf } from "../list-runs.ts";
import { toPage } from "../page.ts";
import { pageOf } from "../schemas/json.ts";
import { RunBody } from "../schemas/runs.ts";

const PAGE = { limit: LIMIT, cursor: CURSOR };
const TIMES = { created_after: CREATED_AFTER, created_before: CREATED_BEFORE };
const OF_OPERATOR = { workflow: WORKFLOW, status: STATUS, trigger: TRIGGER, parent: PARENT, tag: TAG, ...TIMES, ...PAGE };
const OF_ALL = { operator: OPERATOR, ...OF_OPERATOR };
const OF_DEAD = { operator: OPERATOR, ...TIMES, ...PAGE };

/** Every parameter of the lists, as far as one has it. */
interface Asked {
  readonly operator?: string | undefined;
  readonly workflow?: string | undefined;
  readonly status?: readonly RunStatus[] | undefined;
  readonly trigger?: string | undefined;
  readonly parent?: string | undefined;
  readonly tag?: readonly (readonly [string, string])[];
  readonly created_after: number | undefined;
  readonly created_before: number | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** Runs in pages: of all operators, of one, and those that were given up. */
export const runListRoutes: FastifyPluginAsync<RouteDeps> = async (app, { store, acceptor }) => {
  const toRunPage = async (asked: Asked, { operators }: Caller) => {
    const filter = toFilter(asked);
    const list: JsonObject = { list: "runs", ...filter };
    const before = parseRunCursor(asked.cursor, list);
    // One more than asked for tells whether there is a next page.
    const page = { limit: asked.limit + 1, ...(before === undefined ? {} : { before }) };
    const runs = await listRunsOf(operators, { filter, page, runs: store.runs });
    return toPage(runs, asked.limit, toRunBody, (last) => toRunCursor(last, list));
  };

  app.get(
    "/runs",
    {
      config: {
        leavesOutOthers: true,
        doc: {
          id: "list_runs",
          tag: "runs",
          summary: "Runs of all operators, newest first.",
          query: OF_ALL,
          answers: { 200: { description: "A page.", body: pageOf(RunBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const query = parseQuery(request.query, OF_ALL);
      if (query.operator !== undefined) assertMayOperator(request.caller, query.operator);
      return await toRunPage(query, request.caller);
    },
  );

  app.get(
    "/operators/:operator_id/runs",
    {
      config: {
        doc: {
          id: "list_operator_runs",
          tag: "runs",
          summary: "Runs of one operator, newest first.",
          query: OF_OPERATOR,
          answers: { 200: { description: "A page.", body: pageOf(RunBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_OPERATOR_NOT_FOUND", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const { operator_id: operator } = parseParams(request.params, { operator_id: "operator" });
      const query = parseQuery(request.query, OF_OPERATOR);
      await acceptor.catalogue.get(operator);
      return await toRunPage({ ...query, operator }, request.caller);
    },
  );

  app.get(
    "/dead-letters",
    {
      config: {
        leavesOutOthers: true,
        doc: {
          id: "list_dead_letters",
          tag: "runs",
          summary: "Runs that were given up because their workers fell silent again and again, newest first.",
          description: "The same runs as those with status=dead_lettered. Each of them can be redriven.",
          query: OF_DEAD,
          answers: { 200: { description: "A page.", body: pageOf(RunBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const query = parseQuery(request.query, OF_DEAD);
      if (query.operator !== undefined) assertMayOperator(request.caller, query.operator);
      return await toRunPage({ ...query, status: [RunStatus.DeadLettered] }, request.caller);
    },
  );
};

function toFilter({ operator, workflow, status, trigger, parent, tag, created_after, created_before }: Asked): RunFilter & JsonObject {
  return {
    ...(operator === undefined ? {} : { operatorId: operator }),
    ...(workflow === undefined ? {} : { workflowId: workflow }),
    ...(status === undefined ? {} : { statuses: status }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(parent === undefined ? {} : { parentRunId: parent }),
    ...(tag === undefined || tag.length === 0 ? {} : { tags: tag }),
    ...(created_after === undefined ? {} : { createdFrom: created_after }),
    ...(created_before === undefined ? {} : { createdBefore: created_before }),
  };
}
