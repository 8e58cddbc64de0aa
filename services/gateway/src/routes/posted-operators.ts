import { newToken, OpenVibeError, type OperatorId, toIso } from "@openvibe/core";
import { acceptText, assertMayOperator, bodyRequired, parseParams, TextBody } from "@openvibe/http";
import { findHandlers } from "@openvibe/runtime";
import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import type { RouteDeps } from "../gateway-deps.ts";
import { OperatorBody, OperatorDocument } from "../schemas/operators.ts";
import { LIVENESS_WAIT_MS, toOperatorBody } from "./operators.ts";

const YAML = "application/yaml"; // RFC 9512

/** `POST` and `DELETE` of operators that no code defines. */
export const postedOperatorRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  const { store, bus, clock, background } = deps;
  const { catalogue, liveness } = deps.acceptor;
  acceptText(app, YAML);

  /** Told once it is done. Nothing rests on it: workers and gateways read the store. */
  const tell = (type: string, operatorId: OperatorId, data: { readonly version: string }) => {
    const event = {
      id: newToken(),
      type,
      time: toIso(clock.now()),
      operatorId,
      workflowId: null,
      runId: null,
      nodeId: null,
      sequence: null,
      data,
    };
    background.run(bus.log.append(event), { operator_id: operatorId, type }, "an operator's event was not stored");
  };

  app.post(
    "/operators",
    {
      config: {
        scope: "admin",
        leavesOutOthers: true,
        doc: {
          id: "register_operator",
          tag: "operators",
          summary: "Registers an operator from a document: YAML, or the same as JSON.",
          description:
            "The form is that of a file of operators (`/v1/schemas/operators.json`): the operator itself, or operators with one entry. Prompts stand in the document; logic nodes need a handler at a running worker. It is kept, and served by every worker within seconds. The same content again changes nothing.",
          body: OperatorDocument,
          bodies: { [YAML]: z.string().min(1) },
          answers: {
            200: { description: "It was there already, with this content.", body: OperatorBody },
            201: {
              description: "Registered: a new operator, or a new version.",
              body: OperatorBody,
              headers: { Location: "The operator's address." },
            },
          },
          problems: ["OV_BODY_REQUIRED", "OV_FORBIDDEN", "OV_OPERATOR_IN_CODE", "OV_DEFINITION_INVALID", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request, reply) => {
      const { readPosted } = await import("@openvibe/sdk/yaml");
      if (request.body === undefined) throw bodyRequired();
      const body = request.body instanceof TextBody ? { yaml: request.body.text } : { json: request.body };
      const { definition, source } = readPosted(body, await findHandlers(bus.buckets).catch(() => []));
      const { manifest, version } = definition;
      assertMayOperator(request.caller, manifest.id);
      const current = await store.manifests.find(manifest.id);
      if (current !== undefined && !current.posted) throw inCode(manifest.id, "deploy its files to change it");
      const known = current?.version === version;
      if (!known) {
        await store.manifests.register(manifest, version, source);
        await catalogue.refresh();
        tell("operator.registered", manifest.id, { version });
      }
      reply.code(known ? 200 : 201).header("location", `/v1/operators/${manifest.id}`);
      return toOperatorBody(await catalogue.get(manifest.id), await liveness.detailsOf(manifest.id, LIVENESS_WAIT_MS));
    },
  );

  app.delete(
    "/operators/:operator_id",
    {
      config: {
        scope: "admin",
        doc: {
          id: "remove_operator",
          tag: "operators",
          summary: "Removes an operator that was posted, or that no worker serves any more.",
          description:
            "Its ended runs stay as long as runs are kept. An operator with runs that have not ended stays: cancel them, or let them end.",
          answers: { 204: { description: "Removed: workers drop it within seconds." } },
          problems: [
            "OV_ID_INVALID",
            "OV_FORBIDDEN",
            "OV_OPERATOR_NOT_FOUND",
            "OV_OPERATOR_IN_CODE",
            "OV_OPERATOR_IN_USE",
            "OV_STORE_UNAVAILABLE",
          ],
        },
      },
    },
    async (request, reply) => {
      const { operator_id: operatorId } = parseParams(request.params, { operator_id: "operator" });
      const { posted, version } = await catalogue.get(operatorId);
      if (!posted && (await liveness.detailsOf(operatorId, LIVENESS_WAIT_MS))?.length !== 0)
        throw inCode(operatorId, "it goes when no worker serves it any more");
      const removed = await store.manifests.remove(operatorId);
      if (!removed.removed) throw inUse(operatorId, removed.open);
      await catalogue.refresh();
      tell("operator.removed", operatorId, { version });
      return reply.code(204).send();
    },
  );
};

function inCode(operatorId: OperatorId, todo: string): OpenVibeError {
  return new OpenVibeError("OV_OPERATOR_IN_CODE", `operator ${operatorId} is defined by code or a file that workers load: ${todo}`);
}

function inUse(operatorId: OperatorId, open: number): OpenVibeError {
  const runs = open === 1 ? "1 run has" : `${open} runs have`;
  return new OpenVibeError("OV_OPERATOR_IN_USE", `operator ${operatorId} cannot be removed: ${runs} not ended`, {
    extra: { open_runs: open },
  });
}
