import { type JsonObject, type Run, toRunBody } from "@openvibe/core";
import type { Accepted } from "@openvibe/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What routes that accept runs say in OpenAPI. */
export const IDEMPOTENCY_KEY = {
  description:
    "1 to 255 printable ASCII characters, bare or quoted: the same request with the same key gives the same run, for 8 days at least.",
  schema: { type: "string", pattern: "^[!-~]([ -~]{0,253}[!-~])?$" },
};

export const ACCEPTED_HEADERS = {
  Location: "The run's address.",
  "Idempotency-Replayed": "true when the run was there already.",
};

/** The request's key as it came; one that is given twice is one with a comma. */
export function toIdempotencyKey({ headers }: FastifyRequest): { readonly idempotencyKey?: string } {
  const given = headers["idempotency-key"];
  return given === undefined ? {} : { idempotencyKey: [given].flat().join(", ") };
}

/** The answer's headers and body. `shown`: the run as it is by now. */
export function sendAccepted(reply: FastifyReply, { run, replayed, warnings }: Accepted, shown: Run = run): JsonObject {
  if (replayed) reply.header("idempotency-replayed", "true");
  reply.header("location", `/v1/operators/${run.operatorId}/runs/${run.runId}`);
  return { ...toRunBody(shown), warnings };
}
