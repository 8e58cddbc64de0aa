import { toRunBody } from "@openvibe/core";
import { bodyRequired, parseParams } from "@openvibe/http";
import { resumeRun } from "@openvibe/runtime";
import type { FastifyPluginAsync } from "fastify";
import { parseAnswer } from "../answer-body.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { getRunAt } from "../run-address.ts";
import { AnswerBody, RunBody } from "../schemas/runs.ts";

/** `POST …/runs/{run_id}/resume`: somebody's answer. No GET decides anything. */
export const resumeRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  const { store, bus, clock, background } = deps;

  app.post(
    "/operators/:operator_id/runs/:run_id/resume",
    {
      config: {
        doc: {
          id: "resume_run",
          tag: "runs",
          summary: "Answers a run that waits for people.",
          description: "The run's interrupt holds the prompt, the schema of the answer, and the deadline. Of several answers one counts.",
          body: AnswerBody,
          answers: { 202: { description: "The answer counts; the run goes on.", body: RunBody } },
          problems: [
            "OV_BODY_REQUIRED",
            "OV_REQUEST_INVALID",
            "OV_UNKNOWN_FIELD",
            "OV_RUN_NOT_FOUND",
            "OV_RUN_NOT_WAITING",
            "OV_ANSWER_INVALID",
            "OV_STORE_UNAVAILABLE",
          ],
        },
      },
    },
    async (request, reply) => {
      const { operator_id: operatorId, run_id: runId } = parseParams(request.params, { operator_id: "operator", run_id: "run" });
      if (request.body === undefined) throw bodyRequired();
      const answer = parseAnswer(request.body);
      const run = await getRunAt(deps, request);
      const resumed = await resumeRun({ runs: store.runs, queue: bus.queue, clock }, run, answer);
      background.run(resumed.published, { run_id: runId, operator_id: operatorId }, "the wake-up of a resumed run is left to the sweep");
      reply.code(202);
      return toRunBody(resumed.run);
    },
  );
};
