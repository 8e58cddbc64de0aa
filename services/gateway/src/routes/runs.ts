import { type JsonObject, OpenVibeError, type OperatorId, RUN_STATUSES, toIso, toRunBody } from "@openvibe/core";
import {
  assertMayOperator,
  type Caller,
  choiceParameter,
  intParameter,
  type ParameterValues,
  parseParams,
  parseQuery,
  textParameter,
} from "@openvibe/http";
import { publishOutbox } from "@openvibe/runtime";
import type { FastifyPluginAsync } from "fastify";
import { parseCursor, toCursor } from "../cursor.ts";
import { getRun, type RouteDeps, runNotFound } from "../gateway-deps.ts";
import { listRunsOf } from "../list-runs.ts";
import { pageOf, RunBody } from "../schemas.ts";

const ID = { pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/, what: "an id of 1 to 64 of a-z, 0-9, _ and -" };
const RUN_IDS = { operator_id: "operator", run_id: "run" };

const LIST_QUERY = {
  status: choiceParameter(RUN_STATUSES, "Only runs with this status."),
  workflow: textParameter({ ...ID, description: "Only runs of this workflow." }),
  limit: intParameter({ min: 1, max: 200, fallback: 50, description: "Runs per page." }),
  cursor: textParameter({
    pattern: /^[A-Za-z0-9_-]{1,400}$/,
    what: "the next_cursor of the page before",
    description: "The next_cursor of the page before; the other parameters stay the same.",
  }),
};
const LIST_ALL_QUERY = { ...LIST_QUERY, operator: textParameter({ ...ID, description: "Only runs of this operator." }) };

/** Reading and cancelling runs. */
export const runRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  const { store, bus, acceptor, clock, background } = deps;

  const listRuns = async (query: ParameterValues<typeof LIST_QUERY>, operatorId: OperatorId | undefined, { operators }: Caller) => {
    const { status, workflow, limit, cursor } = query;
    const filter = { ...(operatorId && { operatorId }), ...(workflow && { workflowId: workflow }), ...(status && { status }) };
    const before = parseCursor(cursor, filter);
    // One more than asked for tells whether there is a next page.
    const page = { limit: limit + 1, ...(before === undefined ? {} : { before }) };
    const runs = await listRunsOf(operators, { filter, page, runs: store.runs });
    const shown = runs.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = runs.length > limit && last !== undefined;
    return { data: shown.map(toRunBody), has_more: hasMore, next_cursor: hasMore ? toCursor(last, filter) : null };
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
          query: LIST_ALL_QUERY,
          answers: { 200: { description: "A page.", body: pageOf(RunBody) } },
          problems: ["OV_PARAMETER_INVALID"],
        },
      },
    },
    async (request) => {
      const query = parseQuery(request.query, LIST_ALL_QUERY);
      if (query.operator !== undefined) assertMayOperator(request.caller, query.operator);
      return await listRuns(query, query.operator, request.caller);
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
          query: LIST_QUERY,
          answers: { 200: { description: "A page.", body: pageOf(RunBody) } },
          problems: ["OV_PARAMETER_INVALID", "OV_OPERATOR_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const { operator_id: operatorId } = parseParams(request.params, { operator_id: "operator" });
      const query = parseQuery(request.query, LIST_QUERY);
      await acceptor.catalogue.get(operatorId);
      return await listRuns(query, operatorId, request.caller);
    },
  );

  app.get(
    "/operators/:operator_id/runs/:run_id",
    {
      config: {
        doc: {
          id: "get_run",
          tag: "runs",
          summary: "One run.",
          answers: { 200: { description: "The run.", body: RunBody } },
          problems: ["OV_RUN_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const { operator_id: operatorId, run_id: runId } = parseParams(request.params, RUN_IDS);
      return toRunBody(await getRun(deps, operatorId, runId));
    },
  );

  app.delete(
    "/operators/:operator_id/runs/:run_id",
    {
      config: {
        doc: {
          id: "cancel_run",
          tag: "runs",
          summary: "Cancels a run.",
          answers: {
            200: { description: "It is cancelled.", body: RunBody },
            202: { description: "It is running, and will be cancelled at the end of its step.", body: RunBody },
          },
          problems: ["OV_RUN_NOT_FOUND", "OV_RUN_FINAL"],
        },
      },
    },
    async (request, reply) => {
      const { operator_id: operatorId, run_id: runId } = parseParams(request.params, RUN_IDS);
      const event = { type: "run.cancelled", time: toIso(clock.now()), data: { status: "cancelled" } };
      const result = await store.runs.cancel({ operatorId, runId, event });
      switch (result.did) {
        case "cancelled": {
          const fields = { run_id: runId, operator_id: operatorId };
          const published = publishOutbox({ log: bus.log, signals: bus.signals, runs: store.runs }, result.run, result.outbox);
          background.run(published, fields, "events of a cancelled run are left to the sweep");
          return toRunBody(result.run);
        }
        case "requested":
          bus.signals.control({ operatorId, verb: "cancel", runId, body: {} });
          reply.code(202);
          return toRunBody(result.run);
        case "already_final": {
          const run: JsonObject = toRunBody(result.run);
          throw new OpenVibeError("OV_RUN_FINAL", `run ${runId} has already ended: it is ${result.run.status}`, { extra: { run } });
        }
        case "not_found":
          throw runNotFound(operatorId, runId);
        default:
          return result satisfies never;
      }
    },
  );
};
