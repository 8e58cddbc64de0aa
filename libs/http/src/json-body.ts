import { isUtf8 } from "node:buffer";
import { OpenVibeError, parseStrictJson } from "@openvibe/core";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** The one media type that bodies may have. */
const ACCEPTED_MEDIA_TYPE = "application/json";

const PARAMETERS = /^\s*application\/json\s*(?:;\s*(?:charset\s*=\s*"?utf-?8"?\s*)?)?$/i;

/** Makes `application/json` the only body, read strictly (see `parseStrictJson`). */
export function acceptStrictJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(ACCEPTED_MEDIA_TYPE, { parseAs: "buffer" }, (request, body, done) => {
    try {
      done(null, readJsonBody(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws OpenVibeError OV_MEDIA_TYPE_UNSUPPORTED, OV_BODY_REQUIRED, OV_UTF8_INVALID, OV_JSON_INVALID and its kin */
function readJsonBody(request: FastifyRequest, body: Buffer): unknown {
  const { "content-type": contentType = "", "content-encoding": encoding } = request.headers;
  if (!PARAMETERS.test(contentType)) throw unsupportedMediaType(contentType);
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    throw new OpenVibeError(
      "OV_MEDIA_TYPE_UNSUPPORTED",
      `Content-Encoding ${JSON.stringify(encoding.slice(0, 80))} is not accepted: send the body as it is (identity)`,
      { extra: { accepted_encodings: ["identity"] } },
    );
  }
  if (body.length === 0) {
    // Clients send their usual Content-Type with a DELETE, too.
    if (request.method === "DELETE") return undefined;
    throw bodyRequired();
  }
  if (!isUtf8(body)) throw new OpenVibeError("OV_UTF8_INVALID", "the body holds bytes that are not UTF-8");
  return parseStrictJson(body.toString("utf8"), "the body");
}

export function bodyRequired(): OpenVibeError {
  return new OpenVibeError("OV_BODY_REQUIRED", `the body is empty; expected is JSON, with Content-Type: ${ACCEPTED_MEDIA_TYPE}`);
}

export function unsupportedMediaType(contentType: string | undefined): OpenVibeError {
  const given = contentType === undefined || contentType === "" ? "a body without Content-Type" : JSON.stringify(contentType.slice(0, 80));
  return new OpenVibeError("OV_MEDIA_TYPE_UNSUPPORTED", `${given} is not accepted; accepted is ${ACCEPTED_MEDIA_TYPE} in UTF-8`, {
    extra: { accepted: [ACCEPTED_MEDIA_TYPE] },
  });
}
