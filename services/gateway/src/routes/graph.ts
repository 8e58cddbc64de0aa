import { OpenVibeError } from "@openvibe/core";
import { drawMermaid, drawSvg, drawText, toGraphData } from "@openvibe/graph/plan";
import { choiceParameter, parseParams, parseQuery, preferType, textParameter } from "@openvibe/http";
import type { StoredManifest } from "@openvibe/store";
import type { FastifyPluginAsync } from "fastify";
import type { RouteDeps } from "../gateway-deps.ts";
import { getOperatorVersion, VERSION } from "../operator-version.ts";
import { GraphBody } from "../schemas/operators.ts";

const TYPES = { mermaid: "text/vnd.mermaid", json: "application/json", text: "text/plain", svg: "image/svg+xml" } as const;
type Format = keyof typeof TYPES;
const FORMATS = Object.keys(TYPES) as readonly Format[];

const QUERY = {
  format: choiceParameter(FORMATS, "How it is drawn; decided by the Accept header without it, mermaid by default."),
  workflow: textParameter({ pattern: /^[a-z0-9][a-z0-9_-]{0,63}$/, what: "a workflow's id", description: "Only this workflow." }),
  version: VERSION,
};

/** `GET …/graph`: an operator's workflows as a picture, drawn from the manifest alone. */
export const graphRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  app.get(
    "/operators/:operator_id/graph",
    {
      config: {
        doc: {
          id: "get_operator_graph",
          tag: "operators",
          summary: "An operator's workflows as a picture: Mermaid, text, SVG, or data.",
          query: QUERY,
          answers: {
            200: { description: "Mermaid by default.", body: GraphBody, texts: [TYPES.mermaid, TYPES.text, TYPES.svg] },
          },
          problems: ["OV_PARAMETER_INVALID", "OV_OPERATOR_NOT_FOUND", "OV_WORKFLOW_NOT_FOUND", "OV_NOT_ACCEPTABLE", "OV_STORE_UNAVAILABLE"],
        },
      },
    },
    async (request, reply) => {
      const { format, workflow, version } = parseQuery(request.query, QUERY);
      const { operator_id: operatorId } = parseParams(request.params, { operator_id: "operator" });
      const wanted = format ?? wantedBy(request.headers.accept);
      const operator = only(await getOperatorVersion(deps, operatorId, version), workflow);
      reply.header("vary", "Accept").header("content-type", `${TYPES[wanted]}; charset=utf-8`);
      if (wanted !== "json") return draw(operator, wanted);
      return { operator_id: operatorId, version: operator.version, workflows: toGraphData(operator.manifest) };
    },
  );
};

function wantedBy(accept: string | undefined): Format {
  const type = preferType(accept, Object.values(TYPES));
  const format = FORMATS.find((each) => TYPES[each] === type);
  if (format !== undefined) return format;
  const allowed = Object.values(TYPES).join(", ");
  throw new OpenVibeError("OV_NOT_ACCEPTABLE", `this address answers with ${allowed}: send one of them, or no Accept header at all`, {
    extra: { allowed },
  });
}

function only(operator: StoredManifest, workflow: string | undefined): StoredManifest {
  if (workflow === undefined) return operator;
  const { workflows } = operator.manifest;
  const found = workflows.filter(({ id }) => id === workflow);
  if (found.length === 0)
    throw new OpenVibeError(
      "OV_WORKFLOW_NOT_FOUND",
      `operator ${operator.manifest.id} has no workflow ${workflow}; it has ${workflows.map(({ id }) => id).join(", ")}`,
    );
  return { ...operator, manifest: { ...operator.manifest, workflows: found } };
}

function draw({ manifest }: StoredManifest, format: Exclude<Format, "json">): string {
  switch (format) {
    case "mermaid":
      return drawMermaid(manifest);
    case "text":
      return drawText(manifest);
    case "svg":
      return drawSvg(manifest);
    default:
      return format satisfies never;
  }
}
