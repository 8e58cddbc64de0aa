import { type Logger, OpenVibeError } from "@openvibe/core";
import type { Metrics } from "@openvibe/telemetry";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { assertMay } from "./access.ts";
import { type Auth, type Caller, NOBODY } from "./auth.ts";
import { closeIdleWhileClosing } from "./close-idle.ts";
import { answerClientError } from "./client-errors.ts";
import { compressAnswers } from "./compress-answers.ts";
import { allowOrigins } from "./cors.ts";
import { acceptStrictJson } from "./json-body.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { routeOf, sendProblem } from "./problem-reply.ts";
import { createRateLimit, UNLIMITED } from "./rate-limit.ts";
import { toRequestId } from "./request-id.ts";
import { type ApiRoute, collectRoutes, toNotFound } from "./route-table.ts";

export interface HttpServerOptions {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "httpRequestEnded">;
  readonly auth: Auth;
  readonly limits?: Partial<HttpLimits>;
  /** Origins whose pages may call (`https://app.example.com`, or `*`); none by default. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Requests a minute of one key, or of one address without a key; any number by default. */
  readonly requestsPerMinute?: number | undefined;
  /** Believe `X-Forwarded-*` of the proxy in front: off by default, since anybody may send them. */
  readonly trustProxy?: boolean;
}

declare module "fastify" {
  interface FastifyInstance {
    /** Every route registered so far. */
    readonly apiRoutes: readonly ApiRoute[];
  }
  interface FastifyRequest {
    /** Who asks, as `Auth.identify` says. */
    caller: Caller;
    /** His name. */
    principal: string;
  }
}

/**
 * The server that gateway and relay register their plugins on: strict JSON bodies, API keys, request ids, limits, and a problem (RFC 9457) for
 * every error, those of Fastify and of the socket included. Closing it lets what is asked finish; streams end by a `preClose` hook of their plugin.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { logger, metrics, auth, limits: given = {}, corsOrigins, requestsPerMinute, trustProxy = false } = options;
  const rateLimit = requestsPerMinute === undefined ? UNLIMITED : createRateLimit(requestsPerMinute);
  const limits = { ...HTTP_LIMITS, ...given };
  const app = fastify({
    trustProxy,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    genReqId: toRequestId,
    requestIdHeader: false,
    forceCloseConnections: "idle",
    // What still comes on an open connection while we close is answered, with `Connection: close`.
    return503OnClosing: false,
    // An id that is too long is told so by `parseParams`.
    routerOptions: { maxParamLength: limits.maxHeaderBytes },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply, logger),
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkEveryMs,
      requireHostHeader: false, // Node would answer without a problem: the hook below does
    },
  });
  app.server.maxConnections = limits.maxConnections;
  // RFC 9110 lets a server pass over an expectation that it does not know; Node would answer without a problem.
  app.server.on("checkExpectation", (request, response) => app.server.emit("request", request, response));

  closeIdleWhileClosing(app);
  acceptStrictJson(app);
  const routes = collectRoutes(app);
  app.decorate("apiRoutes", routes);
  app.decorateRequest("caller");
  app.decorateRequest("principal", "");
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, logger));
  app.setNotFoundHandler((request) => {
    throw toNotFound(routes, request);
  });

  compressAnswers(app);
  if (corsOrigins !== undefined) allowOrigins(app, corsOrigins);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    if (request.headers.host === undefined && request.raw.httpVersion === "1.1") {
      reply.header("connection", "close");
      return done(new OpenVibeError("OV_REQUEST_INVALID", "the request lacks the Host header that HTTP/1.1 asks for") as Error);
    }
    try {
      const open = request.routeOptions.config?.open === true;
      if (request.url.length > limits.maxUrlBytes)
        throw new OpenVibeError("OV_URI_TOO_LONG", `the address is longer than the ${limits.maxUrlBytes} bytes allowed`);
      identify(request, reply, open);
      if (request.is404) throw toNotFound(routes, request);
      if (!open) assertMay(request.caller, request);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
  const identify = (request: FastifyRequest, reply: FastifyReply, open: boolean) => {
    try {
      request.caller = open ? NOBODY : auth.identify(request.headers.authorization);
      request.principal = request.caller.name;
    } finally {
      rateLimit.take(request, reply); // trying out keys counts, too
    }
  };
  app.addHook("onResponse", (request, reply, done) => {
    const { method, id } = request;
    const status = reply.statusCode;
    metrics.httpRequestEnded({ method, route: routeOf(request), status });
    logger.debug(
      { request_id: id, method, route: routeOf(request), status, duration_ms: Math.round(reply.elapsedTime * 100) / 100 },
      "request answered",
    );
    done();
  });
  return app;
}
