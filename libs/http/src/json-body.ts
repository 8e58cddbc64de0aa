import { isUtf8 } from "node:buffer";
import { OpenVibeError, parseStrictJson } from "@openvibe/core";
import type { FastifyInstance, FastifyRequest } from "fastify";

/** The media type that bodies have, where a route says nothing else. */
const ACCEPTED_MEDIA_TYPE = "application/json";

/** What may follow a media type. */
const PARAMETERS = /^\s*(?:;\s*(?:charset\s*=\s*"?utf-?8"?\s*)?)?$/i;

/** Makes JSON, of these media types, the only body of the routes of `app`, read strictly (see `parseStrictJson`). */
export function acceptStrictJson(app: FastifyInstance, mediaTypes: readonly string[] = [ACCEPTED_MEDIA_TYPE]): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...mediaTypes], { parseAs: "buffer" }, (request, body, done) => {
    try {
      done(null, readJsonBody(request, body as Buffer, mediaTypes));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** A body that came as text of another media type, on a route that takes it. */
export class TextBody {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Lets the routes of `app` (a plugin of its own) take one more media type, as UTF-8 text in a `TextBody`. */
export function acceptText(app: FastifyInstance, mediaType: string): void {
  app.addContentTypeParser(mediaType, { parseAs: "buffer" }, (request, body, done) => {
    try {
      const text = readText(request, body as Buffer, [mediaType]);
      done(null, text === undefined ? undefined : new TextBody(text));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws OpenVibeError OV_MEDIA_TYPE_UNSUPPORTED, OV_BODY_REQUIRED, OV_UTF8_INVALID, OV_JSON_INVALID and its kin */
function readJsonBody(request: FastifyRequest, body: Buffer, mediaTypes: readonly string[]): unknown {
  const text = readText(request, body, mediaTypes);
  return text === undefined ? undefined : parseStrictJson(text, "the body");
}

function readText(request: FastifyRequest, body: Buffer, mediaTypes: readonly string[]): string | undefined {
  const { "content-type": contentType = "", "content-encoding": encoding } = request.headers;
  const given = contentType.trimStart();
  const fits = (mediaType: string) => given.toLowerCase().startsWith(mediaType) && PARAMETERS.test(given.slice(mediaType.length));
  if (!mediaTypes.some(fits)) throw unsupportedMediaType(contentType, mediaTypes);
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
  return body.toString("utf8");
}

export function bodyRequired(): OpenVibeError {
  return new OpenVibeError("OV_BODY_REQUIRED", `the body is empty; expected is JSON, with Content-Type: ${ACCEPTED_MEDIA_TYPE}`);
}

export function unsupportedMediaType(
  contentType: string | undefined,
  mediaTypes: readonly string[] = [ACCEPTED_MEDIA_TYPE],
): OpenVibeError {
  const given = contentType === undefined || contentType === "" ? "a body without Content-Type" : JSON.stringify(contentType.slice(0, 80));
  return new OpenVibeError("OV_MEDIA_TYPE_UNSUPPORTED", `${given} is not accepted; accepted is ${mediaTypes.join(" or ")} in UTF-8`, {
    extra: { accepted: mediaTypes },
  });
}
