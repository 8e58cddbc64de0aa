import type { IncomingMessage } from "node:http";
import { newToken } from "@openvibe/core";

const ALLOWED = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `X-Request-Id` where it has the allowed form, else a new one. */
export function toRequestId(request: Pick<IncomingMessage, "headers">): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && ALLOWED.test(given) ? given : newRequestId();
}

export function newRequestId(): string {
  return `req_${newToken()}`;
}
