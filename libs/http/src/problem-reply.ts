import { isOpenVibeError, type Logger, messageOf, OpenVibeError, PROBLEMS, type ProblemDetail, toProblem } from "@openvibe/core";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { ZodError } from "zod";
import { unsupportedMediaType } from "./json-body.ts";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** Answers with a problem (RFC 9457), whatever was thrown; logs what is the server's fault, once, here. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const error = toOpenVibeError(thrown, request);
  const { status } = PROBLEMS[error.code];
  if (status === 500)
    logger.error({ err: thrown, request_id: request.id, method: request.method, route: routeOf(request) }, "request failed");
  else if (status > 500) logger.warn({ err: thrown, request_id: request.id, route: routeOf(request) }, "request could not be served");
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="openvibe"');
  // RFC 6750 §3.1: what the key would need.
  if (typeof error.extra.required_scope === "string")
    reply.header("www-authenticate", `Bearer realm="openvibe", error="insufficient_scope", scope="${error.extra.required_scope}"`);
  if (status === 429 || status === 503) reply.header("retry-after", String(Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000))));
  if (Array.isArray(error.extra.accepted_encodings)) reply.header("accept-encoding", "identity");
  const { allow } = error.extra;
  if (status === 405 && Array.isArray(allow)) reply.header("allow", allow.join(", "));
  // As bytes: Fastify would add a charset to a text, which the media type does not have.
  return reply
    .code(status)
    .header("content-type", PROBLEM_MEDIA_TYPE)
    .header("x-request-id", request.id)
    .send(Buffer.from(JSON.stringify({ ...toProblem(error, pathOf(request.url)), request_id: request.id })));
}

/** The pattern of the route, so that it may be a metric's label; `unmatched` where there is none. */
export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "unmatched";
}

/** Without the query, which is nobody's business in a log or a problem. */
export function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/** Turns Fastify's own errors, zod's and everything unexpected into ours. What is unexpected tells the caller nothing but where to look. */
function toOpenVibeError(thrown: unknown, request: FastifyRequest): OpenVibeError {
  if (isOpenVibeError(thrown)) return thrown;
  if (thrown instanceof ZodError) return fromZodError(thrown);
  const { code, statusCode, validation } = (thrown ?? {}) as Partial<FastifyError>;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE": {
      const limit = request.routeOptions.bodyLimit;
      return new OpenVibeError("OV_BODY_TOO_LARGE", `the body is larger than the ${limit} bytes allowed here`, {
        extra: { max_bytes: limit },
      });
    }
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return unsupportedMediaType(request.headers["content-type"]);
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new OpenVibeError("OV_REQUEST_INVALID", "the body does not have the length that Content-Length says");
    case "FST_ERR_BAD_URL":
      return new OpenVibeError("OV_REQUEST_INVALID", "the address holds a percent-encoding that is not valid UTF-8");
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new OpenVibeError("OV_URI_TOO_LONG", "a part of the address is too long");
    case "FST_ERR_HANDLER_TIMEOUT":
      return new OpenVibeError("OV_OUTCOME_UNKNOWN", "the server did not finish in time; ask again to see what happened");
  }
  if (validation !== undefined || (statusCode !== undefined && statusCode >= 400 && statusCode < 500)) {
    const errors = (validation ?? []).map(({ instancePath, message = "is not allowed" }) => ({ pointer: instancePath, detail: message }));
    return new OpenVibeError("OV_REQUEST_INVALID", messageOf(thrown), { cause: thrown, errors });
  }
  return new OpenVibeError("OV_INTERNAL", `something failed that should not; the server's log tells more under request_id ${request.id}`, {
    cause: thrown,
  });
}

function fromZodError(error: ZodError): OpenVibeError {
  const errors: readonly ProblemDetail[] = error.issues.slice(0, 20).map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    detail: message,
  }));
  const [first] = errors;
  return new OpenVibeError(
    "OV_REQUEST_INVALID",
    first === undefined ? "the request is not as expected" : `${first.pointer || "the body"}: ${first.detail}`,
    { errors },
  );
}
