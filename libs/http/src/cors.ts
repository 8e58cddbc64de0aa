import type { FastifyInstance } from "fastify";
import { addVary } from "./vary.ts";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Prefer",
  "X-Request-Id",
  "Cache-Control",
  "traceparent",
  "tracestate",
].join(", ");
const ANSWER_HEADERS = [
  "ETag",
  "Location",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "X-Request-Id",
  "Idempotency-Replayed",
  "Preference-Applied",
].join(", ");
/** Browsers keep a preflight's answer at most two hours. */
const PREFLIGHT_SECONDS = 7_200;

/**
 * Lets pages of these origins (`*`: of all) call the API: https://fetch.spec.whatwg.org/#http-cors-protocol. Credentials of the browser (cookies) are
 * never asked for: a key travels in `Authorization`. To be registered before what asks for a key, since a preflight carries none.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const any = origins.includes("*");
  const allowed = new Set(any ? [] : origins.map((origin) => new URL(origin).origin));
  app.addHook("onRequest", (request, reply, done) => {
    const { origin } = request.headers;
    if (!any) addVary(reply, "Origin");
    if (origin === undefined || !(any || allowed.has(origin))) return done();
    reply.header("access-control-allow-origin", any ? "*" : origin);
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) {
      reply.header("access-control-expose-headers", ANSWER_HEADERS);
      return done();
    }
    reply
      .headers({
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": REQUEST_HEADERS,
        "access-control-max-age": PREFLIGHT_SECONDS,
        "x-request-id": request.id,
      })
      .code(204)
      .send();
  });
}
