import type { SharedBucket } from "@openvibe/context";
import { isOpenVibeError, type JsonValue, OpenVibeError } from "@openvibe/core";
import { bodyRequired, parameterInvalid, pathText } from "@openvibe/http";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { BUCKET, KEY } from "../context-address.ts";
import { ENTITY_TAGS, type EntityTags, parseEntityTags, toEtag } from "../etag.ts";
import type { RouteDeps } from "../gateway-deps.ts";
import { ContextEntryBody, ContextWrittenBody } from "../schemas/context.ts";
import { Json } from "../schemas/json.ts";

const MAX_VALUE_BYTES = 262_144;

const PARAMS = { bucket: BUCKET, key: KEY };

/** What operators share, for readers and writers outside. A revision is an entity tag. */
export const contextRoutes: FastifyPluginAsync<RouteDeps> = async (app, { context }) => {
  app.get(
    "/context/:bucket/:key",
    {
      config: {
        doc: {
          id: "get_context",
          tag: "context",
          summary: "Reads an entry of shared context.",
          params: PARAMS,
          headers: { "If-None-Match": { description: "An ETag: 304 when the entry is still that one.", schema: ENTITY_TAGS } },
          answers: {
            200: { description: "The entry.", body: ContextEntryBody, headers: { ETag: "Its revision." } },
            304: { description: "It is still the one that the caller has." },
          },
          problems: ["OV_KEY_NOT_FOUND", "OV_ID_INVALID", "OV_BUS_UNAVAILABLE"],
        },
      },
    },
    async (request, reply) => {
      const { bucket, name, key } = toEntryAddress(request);
      const known = parseEntityTags(request.headers["if-none-match"], "If-None-Match", false);
      const entry = await bucket.get(key);
      if (entry === undefined) throw keyNotFound(name, key);
      reply.header("etag", toEtag(entry.revision));
      if (known?.matches(toEtag(entry.revision)) === true) return reply.code(304).send();
      return { bucket: name, key, value: entry.value, revision: entry.revision, updated_at: entry.updatedAt };
    },
  );

  app.put(
    "/context/:bucket/:key",
    {
      bodyLimit: MAX_VALUE_BYTES,
      config: {
        doc: {
          id: "put_context",
          tag: "context",
          summary: "Writes an entry of shared context.",
          description: `The body is the value: any JSON of at most ${MAX_VALUE_BYTES} bytes. Without a condition the last writer wins.`,
          params: PARAMS,
          headers: {
            "If-Match": { description: "An ETag, or *: write only over that entry.", schema: ENTITY_TAGS },
            "If-None-Match": {
              description: "*: write only where there is none. Not beside If-Match.",
              schema: { type: "string", const: "*" },
            },
          },
          body: Json,
          answers: {
            200: { description: "Written.", body: ContextWrittenBody, headers: { ETag: "The new revision." } },
            201: {
              description: "Written, where there was none (If-None-Match: *).",
              body: ContextWrittenBody,
              headers: { ETag: "The new revision." },
            },
          },
          problems: [
            "OV_BODY_REQUIRED",
            "OV_ID_INVALID",
            "OV_PARAMETER_INVALID",
            "OV_REVISION_CONFLICT",
            "OV_BODY_TOO_LARGE",
            "OV_BUS_UNAVAILABLE",
          ],
        },
      },
    },
    async (request, reply) => {
      const { bucket, name, key } = toEntryAddress(request);
      if (request.body === undefined) throw bodyRequired();
      const { revision, created } = await tellingEtag(reply, () => write(bucket, name, key, request));
      reply.code(created ? 201 : 200).header("etag", toEtag(revision));
      return { bucket: name, key, revision };
    },
  );

  app.delete(
    "/context/:bucket/:key",
    {
      config: {
        doc: {
          id: "delete_context",
          tag: "context",
          summary: "Deletes an entry of shared context.",
          params: PARAMS,
          headers: { "If-Match": { description: "An ETag, or *: delete only that entry.", schema: ENTITY_TAGS } },
          answers: { 204: { description: "Deleted." } },
          problems: ["OV_KEY_NOT_FOUND", "OV_ID_INVALID", "OV_PARAMETER_INVALID", "OV_REVISION_CONFLICT", "OV_BUS_UNAVAILABLE"],
        },
      },
    },
    async (request, reply) => {
      const { bucket, name, key } = toEntryAddress(request);
      await tellingEtag(reply, () => remove(bucket, name, key, request));
      return reply.code(204).send();
    },
  );

  const toEntryAddress = (request: FastifyRequest) => {
    const name = pathText(request.params, "bucket");
    return { bucket: context.bucket(name), name, key: pathText(request.params, "key") };
  };
};

async function write(
  bucket: SharedBucket,
  name: string,
  key: string,
  request: FastifyRequest,
): Promise<{ revision: number; created: boolean }> {
  const value = request.body as JsonValue;
  const ifMatch = parseEntityTags(request.headers["if-match"], "If-Match", true);
  const ifNoneMatch = parseEntityTags(request.headers["if-none-match"], "If-None-Match", false);
  if (ifMatch !== undefined && ifNoneMatch !== undefined) throw parameterInvalid("If-None-Match", "cannot stand beside If-Match");
  if (ifNoneMatch !== undefined) {
    if (!ifNoneMatch.any) throw parameterInvalid("If-None-Match", "can only be * when writing");
    return { revision: await bucket.putIf(key, value, 0), created: true };
  }
  if (ifMatch === undefined) return { revision: await bucket.put(key, value), created: false };
  const current = await getMatching(bucket, name, key, ifMatch);
  return { revision: await bucket.putIf(key, value, current), created: false };
}

/** @throws OpenVibeError OV_KEY_NOT_FOUND, or with a condition OV_REVISION_CONFLICT */
async function remove(bucket: SharedBucket, name: string, key: string, request: FastifyRequest): Promise<void> {
  if (request.headers["if-none-match"] !== undefined) throw parameterInvalid("If-None-Match", "is not for deleting; allowed is If-Match");
  const ifMatch = parseEntityTags(request.headers["if-match"], "If-Match", true);
  if (ifMatch === undefined) {
    if (!(await bucket.deleteIf(key))) throw keyNotFound(name, key);
    return;
  }
  const current = await getMatching(bucket, name, key, ifMatch);
  // With * any entry will do, also one that was written just now.
  if (!(await bucket.deleteIf(key, ifMatch.any ? undefined : current)))
    throw revisionConflict(name, key, (await bucket.get(key))?.revision);
}

/** The entry's revision, when it is one that the caller named. @throws OpenVibeError OV_REVISION_CONFLICT */
async function getMatching(bucket: SharedBucket, name: string, key: string, ifMatch: EntityTags): Promise<number> {
  const current = (await bucket.get(key))?.revision;
  if (current === undefined || !ifMatch.matches(toEtag(current))) throw revisionConflict(name, key, current);
  return current;
}

function revisionConflict(name: string, key: string, current: number | undefined): OpenVibeError {
  const is = current === undefined ? "is not there" : `has revision ${current}`;
  return new OpenVibeError("OV_REVISION_CONFLICT", `${name}/${key} ${is}, which is not what If-Match asks for`, {
    extra: { revision: current ?? 0 },
  });
}

function keyNotFound(name: string, key: string): OpenVibeError {
  return new OpenVibeError("OV_KEY_NOT_FOUND", `bucket ${name} has no key ${key}`);
}

/** Whoever lost gets the current entity tag with the problem. */
async function tellingEtag<T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isOpenVibeError(error, "OV_REVISION_CONFLICT") && typeof error.extra.revision === "number" && error.extra.revision > 0)
      reply.header("etag", toEtag(error.extra.revision));
    throw error;
  }
}
