import { isFinal, parseTraceparent, type Run } from "@openvibe/core";
import { bodyRequired, parseParams } from "@openvibe/http";
import { type Listening, runFields } from "@openvibe/runtime";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { ACCEPTED_HEADERS, IDEMPOTENCY_KEY, sendAccepted, toIdempotencyKey } from "../accepted.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { MAX_WAIT_SECONDS, parsePrefer, toPreferenceApplied } from "../prefer.ts";
import { AcceptedRunBody, ActivationBody } from "../schemas/runs.ts";

/** `POST /operators/{operator_id}/activate`: the way in. */
export const activationRoutes: FastifyPluginAsync<RouteDeps> = async (app, { acceptor, background, logger }) => {
  /** The run at its end, or as it is when the time is over, the caller gone, the gateway closing, or the store away: it was accepted all the same. */
  const waitForEnd = async (run: Run, seconds: number, insertedSince: Listening | undefined, reply: FastifyReply): Promise<Run> => {
    using wait = background.wait();
    reply.raw.once("close", wait.abort);
    const inserted = insertedSince === undefined ? {} : { inserted: { run, listeningSince: insertedSince } };
    const options = { timeoutMs: seconds * 1_000, signal: wait.signal, ...inserted };
    const seen = await acceptor.waiter.wait(run.runId, options).catch((err) => {
      logger.warn({ ...runFields(run), err }, "a run that is waited for could not be read");
      return undefined;
    });
    reply.raw.off("close", wait.abort);
    return seen ?? run;
  };

  app.post(
    "/operators/:operator_id/activate",
    {
      config: {
        doc: {
          id: "activate_operator",
          tag: "runs",
          summary: "Starts a run.",
          description: "After a 2xx the run ends in exactly one terminal state, whatever process dies.",
          headers: {
            "Idempotency-Key": IDEMPOTENCY_KEY,
            traceparent:
              "W3C trace context: kept with the run, on its events and in the log lines about it; passed over where it is malformed.",
            Prefer: `wait=<seconds> (at most ${MAX_WAIT_SECONDS}) answers when the run ended; respond-async does not wait.`,
          },
          body: ActivationBody,
          answers: {
            200: { description: "Waited for: the run has ended.", body: AcceptedRunBody, headers: ANSWER_HEADERS },
            202: { description: "Accepted: the run will end.", body: AcceptedRunBody, headers: ANSWER_HEADERS },
          },
          problems: [
            "OV_BODY_REQUIRED",
            "OV_REQUEST_INVALID",
            "OV_UNKNOWN_FIELD",
            "OV_IDEMPOTENCY_KEY_INVALID",
            "OV_OPERATOR_NOT_FOUND",
            "OV_TRIGGER_NOT_FOUND",
            "OV_INPUT_INVALID",
            "OV_DEADLINE_PAST",
            "OV_PRIORITY_UNKNOWN",
            "OV_IDEMPOTENCY_MISMATCH",
            "OV_BACKLOG_FULL",
            "OV_RATE_LIMITED",
            "OV_STORE_UNAVAILABLE",
          ],
        },
      },
    },
    async (request, reply) => {
      const { operator_id: operatorId } = parseParams(request.params, { operator_id: "operator" });
      if (request.body === undefined) throw bodyRequired();
      const body = acceptor.parse(request.body);
      const preferences = parsePrefer(request.headers.prefer);
      const traceparent = parseTraceparent(request.headers.traceparent);
      const listening = preferences.waitSeconds === undefined ? undefined : await acceptor.waiter.listen(); // before the run can end

      const accepted = await acceptor.accept({
        operatorId,
        ...body,
        principal: request.principal,
        awaited: listening !== undefined,
        ...(traceparent === undefined ? {} : { traceparent }),
        ...toIdempotencyKey(request),
      });
      const { run, replayed } = accepted;
      logger.debug({ request_id: request.id, ...runFields(run) }, replayed ? "run was there already" : "run accepted");

      const waits = preferences.waitSeconds !== undefined && !isFinal(run.status);
      const shown = waits ? await waitForEnd(run, preferences.waitSeconds ?? 0, replayed ? undefined : listening, reply) : run;
      const ended = preferences.waitSeconds !== undefined && isFinal(shown.status);
      const applied = toPreferenceApplied(preferences, ended);
      if (applied !== undefined) reply.header("preference-applied", applied);
      return sendAccepted(reply.code(ended ? 200 : 202), accepted, shown);
    },
  );
};

const ANSWER_HEADERS = { ...ACCEPTED_HEADERS, "Preference-Applied": "Which preferences were heeded." };
