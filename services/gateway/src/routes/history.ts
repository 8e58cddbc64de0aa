import { type JsonObject, parsePosition, type Run } from "@openvibe/core";
import { intParameter, parseQuery, textParameter } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { getRunAt } from "../run-address.ts";
import { HistoryBody } from "../schemas/history.ts";

const QUERY = {
  limit: intParameter({ min: 1, max: 200, fallback: 100, description: "Commits per page: each ended one step, or a few that share it." }),
  cursor: textParameter({
    pattern: /^\d{1,9}$/,
    what: "the next_cursor of the page before",
    description: "The next_cursor of the page before.",
  }),
};

/** `GET …/runs/{run_id}/history`: what each step did. Committed with the step, so never behind the run's record. */
export const historyRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  app.get(
    "/operators/:operator_id/runs/:run_id/history",
    {
      config: {
        doc: {
          id: "get_run_history",
          tag: "runs",
          summary: "What each step of a run did, in order.",
          description: "Kept where the worker runs with OPENVIBE_HISTORY=true, as openvibe dev does.",
          query: QUERY,
          answers: { 200: { description: "A page of the steps that have ended.", body: HistoryBody } },
          problems: ["OV_PARAMETER_INVALID", "OV_RUN_NOT_FOUND", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const { limit, cursor } = parseQuery(request.query, QUERY);
      const run = await getRunAt(deps, request);
      const { runId, operatorId, workflowId, status, metrics, input } = run;
      const { records, next } = await deps.store.history.of(runId, { limit, after: Number(cursor ?? 0) });
      return {
        run_id: runId,
        operator_id: operatorId,
        workflow_id: workflowId,
        status,
        recorded: metrics.nodes_executed + metrics.nodes_failed === 0 || cursor !== undefined || records.length > 0,
        input,
        ...(await findBegin(deps, run)),
        data: records,
        has_more: next !== null,
        next_cursor: next === null ? null : String(next),
      };
    },
  );
};

/** A rerun may begin with more than its input. */
async function findBegin({ store }: Pick<RouteDeps, "store">, { runId, rerunOf }: Run): Promise<{ readonly began_with?: JsonObject }> {
  const begin = rerunOf === null ? undefined : (await store.runs.findOverrides(runId))?.begin;
  return begin === undefined ? {} : { began_with: { from_step: parsePosition(begin.position).stepId, state: begin.state } };
}
