import type { BucketKey } from "@openvibe/bus";
import { type JsonObject, toIso } from "@openvibe/core";
import { parseQuery, pathText, textParameter } from "@openvibe/http";
import type { FastifyPluginAsync } from "fastify";
import { BUCKET } from "../context-address.ts";
import { CURSOR, parseKeyCursor, toKeyCursor } from "../cursor.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { LIMIT } from "../list-parameters.ts";
import { ContextKeyBody } from "../schemas/context.ts";
import { pageOf } from "../schemas/json.ts";

const QUERY = {
  prefix: textParameter({
    pattern: /^[A-Za-z0-9_=.-]{1,256}$/,
    what: "how keys begin: up to 256 of A-Z, a-z, 0-9, _, =, - and .",
    description: "Only keys that begin with this.",
  }),
  limit: LIMIT,
  cursor: CURSOR,
};

/** `GET /context/{bucket}`: which keys there are. */
export const contextListRoutes: FastifyPluginAsync<RouteDeps> = async (app, { context }) => {
  app.get(
    "/context/:bucket",
    {
      config: {
        doc: {
          id: "list_context",
          tag: "context",
          summary: "The keys of a bucket, in their own order, without values.",
          description: "A bucket that nobody has written to has no keys. Keys written or deleted between two pages may be on them or not.",
          params: { bucket: BUCKET },
          query: QUERY,
          answers: { 200: { description: "A page.", body: pageOf(ContextKeyBody) } },
          problems: ["OV_ID_INVALID", "OV_PARAMETER_INVALID", "OV_BUS_UNAVAILABLE"],
        },
      },
    },
    async (request) => {
      const name = pathText(request.params, "bucket");
      const bucket = context.bucket(name);
      const { prefix = "", limit, cursor } = parseQuery(request.query, QUERY);
      const list: JsonObject = { list: "context", bucket: name, prefix };
      const after = parseKeyCursor(cursor, list);
      const keys = await bucket.list(prefix);
      const rest = after === undefined ? keys : keys.filter(({ key }) => key > after);
      const shown = rest.slice(0, limit);
      const last = shown.at(-1);
      const hasMore = rest.length > limit && last !== undefined;
      return { data: shown.map(toKeyBody), has_more: hasMore, next_cursor: hasMore ? toKeyCursor(last.key, list) : null };
    },
  );
};

function toKeyBody({ key, revision, updatedAt, bytes }: BucketKey): JsonObject {
  return { key, revision, created_at: toIso(updatedAt), size: bytes };
}
