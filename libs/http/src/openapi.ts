import { ID_PATTERN, type JsonSchema, PROBLEMS } from "@openvibe/core";
import { type ZodType, z } from "zod";
import type { RouteAnswer, RouteDoc } from "./route-doc.ts";
import type { ApiRoute } from "./route-table.ts";
import { hoistInto } from "./schema-components.ts";

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

const Problem = z
  .looseObject({
    type: z.string().describe("A page about the problem."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("For people; its text may change."),
    instance: z.string().optional(),
    code: z.string().describe("For programs; never renamed."),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457." });

/** The OpenAPI 3.1 document of the routes that have a `doc`. Schemas that carry an id (`.meta({ id })`) become components. */
export function toOpenApi(info: ApiInfo, routes: readonly ApiRoute[]): JsonSchema {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  const toSchema = (type: ZodType) => hoistInto(schemas, type);
  for (const { method, url, doc, open } of routes) {
    if (doc === undefined || method === "HEAD") continue;
    const path = url.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: { ...toOperation(url, doc, toSchema), ...(open === true ? { security: [] } : {}) },
    };
  }
  return {
    openapi: "3.1.1",
    info,
    servers: [{ url: "/" }],
    security: [{}, { api_key: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: { api_key: { type: "http", scheme: "bearer", description: "Needed wherever the server is not bound to loopback." } },
    },
  };
}

/** What everybody can try: the operator of the README. */
const EXAMPLES: Readonly<Record<string, JsonSchema>> = { operator_id: { example: "hello" } };

type ToSchema = (type: ZodType) => unknown;

function toOperation(url: string, doc: RouteDoc, toSchema: ToSchema): JsonSchema {
  return {
    operationId: doc.id,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    parameters: toParameters(url, doc),
    ...(doc.body === undefined
      ? {}
      : { requestBody: { required: doc.bodyOptional !== true, content: toContent(doc.body, doc.bodies, toSchema) } }),
    responses: {
      ...Object.fromEntries(Object.entries(doc.answers).map(([status, answer]) => [status, toResponse(answer, toSchema)])),
      ...toProblemResponses(doc, toSchema),
    },
  };
}

function toContent(body: ZodType, others: RouteDoc["bodies"], toSchema: ToSchema): JsonSchema {
  const all = Object.entries({ "application/json": body, ...others });
  return Object.fromEntries(all.map(([mediaType, type]) => [mediaType, { schema: toSchema(type) }]));
}

function toParameters(url: string, doc: RouteDoc): readonly JsonSchema[] {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    ...(doc.params?.[name] ?? { schema: { type: "string", pattern: ID_PATTERN }, ...EXAMPLES[name] }),
  }));
  const inQuery = Object.entries(doc.query ?? {}).map(([name, { description, schema, many }]) => ({
    name,
    in: "query",
    description,
    schema: many === undefined ? schema : { type: "array", items: schema, ...(many === true ? {} : { maxItems: many }) },
  }));
  const inHeader = Object.entries(doc.headers ?? {}).map(([name, header]) => ({
    name,
    in: "header",
    ...(typeof header === "string" ? { description: header, schema: { type: "string" } } : header),
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

/** What a `text/event-stream` holds any number of; OpenAPI 3.1 has no better word for it than the schema of one. */
const EVENT: JsonSchema = {
  type: "object",
  description: "One event of the stream.",
  properties: {
    id: { type: "string", description: "Where to go on: an opaque cursor. Events that are told live only have none." },
    event: { type: "string", description: "The type." },
    data: { type: "string", contentMediaType: "application/json", contentSchema: { $ref: "#/components/schemas/Event" } },
    retry: { type: "integer", description: "Milliseconds to wait before a reconnect." },
  },
};

function toResponse({ description, body, mediaType, texts = [], headers }: RouteAnswer, toSchema: ToSchema): JsonSchema {
  const schema = body === undefined ? EVENT : toSchema(body);
  return {
    description,
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, says]) => [name, { description: says, schema: { type: "string" } }]),
          ),
        }),
    ...(body === undefined && mediaType === undefined
      ? {}
      : {
          content: {
            [mediaType ?? "application/json"]: { schema },
            ...Object.fromEntries(texts.map((text) => [text, { schema: { type: "string" } }])),
          },
        }),
  };
}

function toProblemResponses(doc: RouteDoc, toSchema: ToSchema): JsonSchema {
  const content = { "application/problem+json": { schema: toSchema(Problem) } };
  const byStatus = Map.groupBy(doc.problems ?? [], (code) => PROBLEMS[code].status);
  const particular = [...byStatus]
    // An answer of the route's own with the same status tells more.
    .filter(([status]) => doc.answers[status] === undefined)
    .map(
      ([status, codes]) => [status, { description: codes.map((code) => `${code}: ${PROBLEMS[code].title}.`).join(" "), content }] as const,
    );
  return { ...Object.fromEntries(particular), default: { description: "Any other problem.", content } };
}
