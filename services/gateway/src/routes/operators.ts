import { type OperatorId, toIso } from "@openvibe/core";
import { maySee, parseParams, parseQuery } from "@openvibe/http";
import type { ServingInstance } from "@openvibe/runtime";
import type { StoredManifest } from "@openvibe/store";
import type { FastifyPluginAsync } from "fastify";
import type { z } from "zod";
import type { RouteDeps } from "../gateway-deps.ts";
import { getOperatorVersion, VERSION } from "../operator-version.ts";
import { pageOf } from "../schemas/json.ts";
import { OperatorBody, OperatorSummary } from "../schemas/operators.ts";

/** How long a reader waits to learn who is alive; then it is told as not known. */
export const LIVENESS_WAIT_MS = 1_000;

/** What operators there are, and who serves them. */
export const operatorRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  const { catalogue, liveness } = deps.acceptor;
  const workersOf = (operatorId: OperatorId): string[] | null => liveness.instancesOf(operatorId)?.toSorted() ?? null;

  app.get(
    "/operators",
    {
      config: {
        leavesOutOthers: true,
        doc: {
          id: "list_operators",
          tag: "operators",
          summary: "All operators, and who serves them now.",
          answers: { 200: { description: "All of them, on one page.", body: pageOf(OperatorSummary) } },
        },
      },
    },
    async (request) => {
      parseQuery(request.query, {});
      const [operators] = await Promise.all([catalogue.list(), liveness.settle(LIVENESS_WAIT_MS)]);
      const seen = operators.filter(({ manifest }) => maySee(request.caller, manifest.id));
      const data = seen.map((operator) => toSummary(operator, workersOf(operator.manifest.id)));
      return { data: data.sort((a, b) => (a.id < b.id ? -1 : 1)), has_more: false, next_cursor: null };
    },
  );

  app.get(
    "/operators/:operator_id",
    {
      config: {
        doc: {
          id: "get_operator",
          tag: "operators",
          summary: "One operator: its workflows, triggers and steps.",
          query: { version: VERSION },
          answers: { 200: { description: "The operator's manifest.", body: OperatorBody } },
          problems: ["OV_PARAMETER_INVALID", "OV_OPERATOR_NOT_FOUND"],
        },
      },
    },
    async (request) => {
      const { operator_id: operatorId } = parseParams(request.params, { operator_id: "operator" });
      const { version } = parseQuery(request.query, { version: VERSION });
      const [operator, instances] = await Promise.all([
        getOperatorVersion(deps, operatorId, version),
        liveness.detailsOf(operatorId, LIVENESS_WAIT_MS),
      ]);
      return toOperatorBody(operator, instances);
    },
  );
};

function toSummary({ manifest, version, registeredAt, posted }: StoredManifest, workers: string[] | null): z.infer<typeof OperatorSummary> {
  const { id, name, description, workflows } = manifest;
  return {
    id,
    name,
    ...(description === undefined ? {} : { description }),
    version,
    registered_at: toIso(registeredAt),
    posted,
    workers,
    capabilities: Object.keys(manifest.answers),
    workflows: workflows.map((workflow) => ({ id: workflow.id, triggers: [...workflow.triggers] })),
  };
}

export function toOperatorBody(
  { manifest, version, registeredAt, posted }: StoredManifest,
  instances: readonly ServingInstance[] | undefined,
): object {
  return {
    ...manifest,
    version,
    registered_at: toIso(registeredAt),
    posted,
    workers: instances?.map(({ id }) => id) ?? null,
    instances: instances?.map(({ lastHeartbeat, ...instance }) => ({ ...instance, last_heartbeat: lastHeartbeat })) ?? null,
  };
}
