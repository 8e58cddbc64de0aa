import { type JsonObject, OpenVibeError, type Run, toIso, toRunBody } from "@openvibe/core";
import { parseQuery } from "@openvibe/http";
import { publishOutbox, toRunEnd } from "@openvibe/runtime";
import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { ENTITY_TAGS, parseEntityTags, toWeakEtag } from "../etag.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { getRunAt, RUN_ADDRESSES, runNotFound } from "../run-address.ts";
import { RunBody } from "../schemas/runs.ts";

/** Reading and cancelling one run, at either of its addresses. */
export const runRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  const { store, bus, clock, background, metrics } = deps;

  const cancel = async ({ operatorId, runId }: Run, reply: FastifyReply): Promise<JsonObject> => {
    const event = { type: "run.cancelled", time: toIso(clock.now()), data: { status: "cancelled" } };
    const result = await store.runs.cancel({ operatorId, runId, event });
    switch (result.did) {
      case "cancelled": {
        const end = toRunEnd(result.run);
        if (end !== undefined) metrics.runEnded(end);
        const fields = { run_id: runId, operator_id: operatorId };
        const published = publishOutbox({ bus, store, clock, observer: metrics }, result.run, result.outbox);
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
        throw runNotFound(runId, operatorId);
      default:
        return result satisfies never;
    }
  };

  for (const { url, suffix } of RUN_ADDRESSES) {
    app.get(
      url,
      {
        config: {
          leavesOutOthers: true,
          doc: {
            id: `get_run${suffix}`,
            tag: "runs",
            summary: "One run.",
            headers: { "If-None-Match": { description: "An ETag: 304 when the run is still as it was then.", schema: ENTITY_TAGS } },
            answers: {
              200: { description: "The run.", body: RunBody, headers: { ETag: "Weak: changes with everything that is shown of the run." } },
              304: { description: "It is still as the caller knows it." },
            },
            problems: ["OV_ID_INVALID", "OV_PARAMETER_INVALID", "OV_RUN_NOT_FOUND", "OV_STORE_UNAVAILABLE"],
          },
        },
      },
      async (request, reply) => {
        parseQuery(request.query, {});
        const known = parseEntityTags(request.headers["if-none-match"], "If-None-Match", false);
        const text = JSON.stringify(toRunBody(await getRunAt(deps, request)));
        const etag = toWeakEtag(text);
        reply.header("etag", etag);
        if (known?.matches(etag) === true) return reply.code(304).send();
        return reply.header("content-type", "application/json; charset=utf-8").send(text);
      },
    );

    app.delete(
      url,
      {
        config: {
          leavesOutOthers: true,
          doc: {
            id: `cancel_run${suffix}`,
            tag: "runs",
            summary: "Cancels a run.",
            answers: {
              200: { description: "It is cancelled.", body: RunBody },
              202: { description: "It is running, and will be cancelled at the end of its step.", body: RunBody },
            },
            problems: ["OV_ID_INVALID", "OV_RUN_NOT_FOUND", "OV_RUN_FINAL", "OV_STORE_UNAVAILABLE"],
          },
        },
      },
      async (request, reply) => await cancel(await getRunAt(deps, request), reply),
    );
  }
};
