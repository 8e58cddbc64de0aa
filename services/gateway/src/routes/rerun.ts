import type { FastifyPluginAsync } from "fastify";
import { ACCEPTED_HEADERS, IDEMPOTENCY_KEY, sendAccepted, toIdempotencyKey } from "../accepted.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { getRunAt, RUN_ADDRESSES } from "../run-address.ts";
import { AcceptedRunBody, RerunBody } from "../schemas/runs.ts";

/** `POST …/rerun`: a new run of one that has ended, from a step and with changes. */
export const rerunRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  for (const { url, suffix } of RUN_ADDRESSES) {
    app.post(
      `${url}/rerun`,
      {
        config: {
          leavesOutOthers: true,
          doc: {
            id: `rerun_run${suffix}`,
            tag: "runs",
            summary: "Runs again what has ended: from a step, with other state, input, models or prompts.",
            description:
              "Makes a new run by the operator's current definition; rerun_of names the old one, which stays as it is. From a step only where the old run's history was kept (OPENVIBE_HISTORY).",
            headers: { "Idempotency-Key": IDEMPOTENCY_KEY },
            body: RerunBody,
            bodyOptional: true,
            answers: { 202: { description: "Accepted: the new run will end.", body: AcceptedRunBody, headers: ACCEPTED_HEADERS } },
            problems: [
              "OV_ID_INVALID",
              "OV_REQUEST_INVALID",
              "OV_UNKNOWN_FIELD",
              "OV_IDEMPOTENCY_KEY_INVALID",
              "OV_IDEMPOTENCY_MISMATCH",
              "OV_RUN_NOT_FOUND",
              "OV_OPERATOR_NOT_FOUND",
              "OV_TRIGGER_NOT_FOUND",
              "OV_RUN_NOT_RERUNNABLE",
              "OV_RERUN_INVALID",
              "OV_INPUT_INVALID",
              "OV_BACKLOG_FULL",
              "OV_STORE_UNAVAILABLE",
            ],
          },
        },
      },
      async (request, reply) => {
        const { acceptor } = deps;
        const changes = acceptor.parseRerun(request.body);
        const run = await getRunAt(deps, request);
        const accepted = await acceptor.rerun({ run, changes, principal: request.principal, ...toIdempotencyKey(request) });
        return sendAccepted(reply.code(202), accepted);
      },
    );
  }
};
