export { assertMayOperator, maySee } from "./access.ts";
export { type ApiKey, formatKeyEntry, HashedKey, hashOfKey, newApiKey, PLAIN_KEY, readKeyEntry, SCOPES, type Scope } from "./api-key.ts";
export { ANYONE, type Auth, type Caller, createAuth } from "./auth.ts";
export { docsRoutes } from "./docs-page.ts";
export { createHttpServer, type HttpServerOptions } from "./http-server.ts";
export { acceptStrictJson, acceptText, bodyRequired, TextBody } from "./json-body.ts";
export { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
export { type ApiInfo, toOpenApi } from "./openapi.ts";
export { type OpsOptions, type OpsPhase, opsRoutes } from "./ops-routes.ts";
export {
  createTargetGuard,
  type GuardedPost,
  guardedPost,
  LOOPBACK_TARGETS,
  type PostFailure,
  type PostResult,
  type TargetGuard,
} from "./outbound/index.ts";
export { parseParams, pathText } from "./params.ts";
export { preferType } from "./prefer-type.ts";
export { PROBLEM_MEDIA_TYPE, pathOf, routeOf } from "./problem-reply.ts";
export {
  choiceParameter,
  flagParameter,
  intParameter,
  type Parameter,
  type Parameters,
  type ParameterValues,
  parameterInvalid,
  parseQuery,
  textParameter,
} from "./query.ts";
export { type ReadinessCheck, readinessOf } from "./readiness.ts";
export type { RouteAnswer, RouteDoc } from "./route-doc.ts";
export type { ApiRoute } from "./route-table.ts";
export { hoistInto } from "./schema-components.ts";
export {
  acceptsEventStream,
  encodeFrame,
  readSse,
  type SseClientOptions,
  type SseEnd,
  type SseFrame,
  type SseMessage,
  SseParser,
  SseWriter,
  type SseWriterOptions,
} from "./sse/index.ts";
export {
  findWebhookKey,
  isSignedWebhook,
  newWebhookSecret,
  type SignedMessage,
  signWebhook,
  WEBHOOK_SECRET_FORM,
} from "./standard-webhooks.ts";
