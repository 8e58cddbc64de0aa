import type { FastifyPluginAsync } from "fastify";
import { ACCEPTED_HEADERS, IDEMPOTENCY_KEY, sendAccepted, toIdempotencyKey } from "../accepted.ts";
import { refuseBody } from "../body-fields.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { getRunAt, RUN_ADDRESSES } from "../run-address.ts";
import { AcceptedRunBody } from "../schemas/runs.ts";

/** `POST …/redrive`: a new run of one that did not complete. */
export const redriveRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  for (const { url, suffix } of RUN_ADDRESSES) {
    app.post(
      `${url}/redrive`,
      {
        config: {
          leavesOutOthers: true,
          doc: {
            id: `redrive_run${suffix}`,
            tag: "runs",
            summary: "Starts a run anew that ended without having completed.",
            description:
              "Makes a new run with the same workflow, trigger, input and tags, by the operator's current definition; rerun_of names the old one, which stays as it is. There is no body.",
            headers: { "Idempotency-Key": IDEMPOTENCY_KEY },
            answers: { 202: { description: "Accepted: the new run will end.", body: AcceptedRunBody, headers: ACCEPTED_HEADERS } },
            problems: [
              "OV_ID_INVALID",
              "OV_REQUEST_INVALID",
              "OV_IDEMPOTENCY_KEY_INVALID",
              "OV_RUN_NOT_FOUND",
              "OV_OPERATOR_NOT_FOUND",
              "OV_TRIGGER_NOT_FOUND",
              "OV_RUN_NOT_REDRIVABLE",
              "OV_INPUT_INVALID",
              "OV_STORE_UNAVAILABLE",
            ],
          },
        },
      },
      async (request, reply) => {
        refuseBody(request.body, "a redrive takes the old run's input and nothing else");
        const run = await getRunAt(deps, request);
        const accepted = await deps.acceptor.redrive({ run, principal: request.principal, ...toIdempotencyKey(request) });
        return sendAccepted(reply.code(202), accepted);
      },
    );
  }
};
