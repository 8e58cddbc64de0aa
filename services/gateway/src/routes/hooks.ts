import { OpenVibeError } from "@openvibe/core";
import { pathText } from "@openvibe/http";
import { isHookSource } from "@openvibe/http/hook-source";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { acceptHook, type HookAddress } from "../hooks/accept-hook.ts";
import { HookBody, HookChallengeBody, HookRunsBody } from "../schemas/subscriptions.ts";

const NAME = /^[a-z0-9][a-z0-9_-]{0,61}$/;

/** `POST /hooks/{source}/{name}`: webhooks in. No key: who sends them signs them. */
export const hookRoutes: FastifyPluginAsync<RouteDeps> = async (app, { acceptor, hooks, clock, logger }) => {
  // As it came, byte for byte: that is what is signed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.post(
    "/hooks/:source/:name",
    {
      config: {
        open: true,
        doc: {
          id: "receive_webhook",
          tag: "webhooks",
          summary: "Takes a webhook, and starts every workflow with the trigger webhook:{source}_{name}.",
          description:
            "Signed as the source signs (OPENVIBE_HOOKS): hubspot, slack, github, stripe, standard, hmac or token. The same delivery starts the same runs, once. The body's fields are the input; of a list each entry is a delivery.",
          params: {
            source: { description: "Who sends it.", schema: { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,61}$" }, example: "github" },
            name: {
              description: "What is sent.",
              schema: { type: "string", pattern: NAME.source },
              example: "push",
            },
          },
          body: HookBody,
          answers: {
            200: { description: "Slack's challenge, given back.", body: HookChallengeBody },
            202: { description: "Accepted: these runs will end.", body: HookRunsBody },
          },
          problems: [
            "OV_ID_INVALID",
            "OV_BODY_REQUIRED",
            "OV_REQUEST_INVALID",
            "OV_JSON_INVALID",
            "OV_SIGNATURE_INVALID",
            "OV_HOOK_NOT_OPEN",
            "OV_HOOK_NOT_FOUND",
            "OV_MEDIA_TYPE_UNSUPPORTED",
            "OV_INPUT_INVALID",
            "OV_BACKLOG_FULL",
            "OV_RATE_LIMITED",
            "OV_STORE_UNAVAILABLE",
          ],
        },
      },
    },
    async (request, reply) => {
      const address = parseAddress(request.params);
      const { url, headers } = request;
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = await acceptHook({ url, headers, raw, now: clock.now(), publicUrl: hooks.publicUrl }, address, { hooks, acceptor });
      if (answer.did === "challenged") return { challenge: answer.challenge };
      logger.debug({ request_id: request.id, ...address, runs: answer.runs.length }, "webhook accepted");
      reply.code(202);
      return {
        runs: answer.runs.map(({ operatorId, workflowId, runId, replayed }) => ({
          operator_id: operatorId,
          workflow_id: workflowId,
          run_id: runId,
          replayed,
        })),
      };
    },
  );
};

/** @throws OpenVibeError OV_ID_INVALID */
function parseAddress(params: FastifyRequest["params"]): HookAddress {
  const [source, name] = [pathText(params, "source"), pathText(params, "name")];
  if (isHookSource(source) && NAME.test(name)) return { source, name };
  throw new OpenVibeError(
    "OV_ID_INVALID",
    `${JSON.stringify(`${source}/${name}`.slice(0, 80))} is not allowed: a source of a-z, 0-9 and -, and a name of a-z, 0-9, - and _, each at most 62`,
  );
}
