import type { FastifyPluginAsync } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { getRunAt } from "../run-address.ts";
import { HistoryBody } from "../schemas.ts";

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
          answers: { 200: { description: "All steps that have ended, on one page.", body: HistoryBody } },
          problems: ["OV_RUN_NOT_FOUND", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const { runId, operatorId, workflowId, status, metrics, input } = await getRunAt(deps, request);
      const data = await deps.store.history.of(runId);
      return {
        run_id: runId,
        operator_id: operatorId,
        workflow_id: workflowId,
        status,
        recorded: metrics.nodes_executed + metrics.nodes_failed === 0 || data.length > 0,
        input,
        data,
        has_more: false,
        next_cursor: null,
      };
    },
  );
};
