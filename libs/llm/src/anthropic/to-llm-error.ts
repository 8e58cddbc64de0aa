import { APIConnectionError, APIConnectionTimeoutError, APIError } from "@anthropic-ai/sdk";
import { isPlainObject, OpenVibeError, type ProblemCode } from "@openvibe/core";
import { toSafeText } from "./safe-text.ts";

export interface AboutCall {
  readonly modelId: string;
  /** Milliseconds since 1970, to read a `retry-after` that is a date. */
  readonly now: number;
  /** What must not stand in a message: the key, the prompts. */
  readonly secrets: readonly string[];
}

/**
 * Turns what the SDK threw before an answer began into our error. The vendor's error is not its `cause`: a logger would print the vendor's
 * text, which may repeat the key or the prompt.
 */
export function toLlmError(error: unknown, { modelId, now, secrets }: AboutCall): OpenVibeError {
  const about = `anthropic, model ${modelId}`;
  if (error instanceof APIConnectionTimeoutError)
    return new OpenVibeError("OV_LLM_UNAVAILABLE", `${about}: no connection within the time for it`);
  if (error instanceof APIConnectionError)
    return new OpenVibeError("OV_LLM_UNAVAILABLE", `${about}: the connection failed${networkCode(error.cause)}`);
  if (!(error instanceof APIError) || typeof error.status !== "number")
    return new OpenVibeError(
      "OV_LLM_UNAVAILABLE",
      `${about}: the request could not be made (${error instanceof Error ? error.name : typeof error})`,
    );

  const { status, headers } = error;
  const type = toWord(error.type);
  const text = toSafeText(error.apiMessage, secrets);
  const code =
    status === 404 && type === "not_found_error" && /model/i.test(String(error.apiMessage)) ? "OV_MODEL_UNKNOWN" : codeOfStatus(status);
  const retryAfterMs = code === "OV_LLM_RATE_LIMITED" || code === "OV_LLM_UNAVAILABLE" ? readRetryAfter(headers, now) : undefined;
  const requestId = toWord(error.requestID);
  const message = [
    `${about}: answered ${status}`,
    type === "" ? "" : ` ${type}`,
    text === "" ? "" : `: ${text}`,
    requestId === "" ? "" : ` (request ${requestId})`,
  ].join("");
  return new OpenVibeError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The error that a vendor sends as an event, when the answer had begun with 200. */
export function toStreamError(error: unknown, modelId: string): OpenVibeError {
  const type = toWord(isPlainObject(error) ? error.type : undefined);
  return new OpenVibeError(
    CODE_OF_TYPE[type] ?? "OV_LLM_UNAVAILABLE",
    `anthropic, model ${modelId}: ended the stream with ${type || "an error"}`,
  );
}

const CODE_OF_TYPE: Readonly<Record<string, ProblemCode | undefined>> = {
  authentication_error: "OV_LLM_AUTH",
  permission_error: "OV_LLM_AUTH",
  invalid_request_error: "OV_LLM_REQUEST_REFUSED",
  billing_error: "OV_LLM_REQUEST_REFUSED",
  request_too_large: "OV_LLM_REQUEST_REFUSED",
  not_found_error: "OV_LLM_REQUEST_REFUSED",
  rate_limit_error: "OV_LLM_RATE_LIMITED",
};

function codeOfStatus(status: number): ProblemCode {
  if (status === 401 || status === 403) return "OV_LLM_AUTH";
  if (status === 429) return "OV_LLM_RATE_LIMITED";
  if (status === 408 || status === 409 || status >= 500) return "OV_LLM_UNAVAILABLE";
  return status >= 400 ? "OV_LLM_REQUEST_REFUSED" : "OV_LLM_RESPONSE_INVALID";
}

/** Milliseconds of `retry-after-ms` or `retry-after` (seconds or a date, RFC 9110); what is neither, or not in the future, is not told. */
function readRetryAfter(headers: Headers | undefined, now: number): number | undefined {
  const ms = toSpan(headers?.get("retry-after-ms"), 1);
  if (ms !== undefined) return ms;
  const value = headers?.get("retry-after");
  const seconds = toSpan(value, 1_000);
  if (seconds !== undefined || value === null || value === undefined || !/[a-z]/i.test(value)) return seconds;
  const until = Math.ceil(Date.parse(value) - now);
  return until > 0 ? until : undefined;
}

function toSpan(value: string | null | undefined, unitMs: number): number | undefined {
  return value !== null && value !== undefined && /^\d{1,12}(\.\d{1,9})?$/.test(value) ? Math.ceil(Number(value) * unitMs) : undefined;
}

function networkCode(cause: unknown): string {
  for (let at = cause, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const code = toWord((at as { readonly code?: unknown }).code);
    if (code !== "") return ` (${code})`;
  }
  return "";
}

/** Ids and types are short words; anything else from outside is not repeated. */
function toWord(value: unknown): string {
  return typeof value === "string" && /^[\w-]{1,80}$/.test(value) ? value : "";
}
