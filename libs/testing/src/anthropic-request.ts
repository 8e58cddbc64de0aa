import type { IncomingHttpHeaders } from "node:http";
import { anthropicError, type RawAnswer } from "./anthropic-reply.ts";

/** A well-formed `POST /v1/messages` as the loopback heard it. */
export interface AnthropicRequest {
  readonly model: string;
  readonly maxTokens: number;
  readonly system: string | undefined;
  /** Text of the last user message. */
  readonly user: string;
  readonly temperature: number | undefined;
  /** `output_config.format.schema`, where structured output is asked for. */
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  readonly stream: boolean;
  readonly headers: IncomingHttpHeaders;
  /** The whole body, for what has no field here. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Only these take sampling options since API version 2026-10-21; the real API answers 400 for all others. */
export const TEMPERATURE_MODELS: readonly string[] = ["claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929", "claude-opus-4-6"];

export interface RequestRules {
  readonly apiKey: string | undefined;
  readonly temperatureModels: ReadonlySet<string>;
}

/** Reads a request as strictly as the API does: what it refuses comes back as the answer to send. */
export function readRequest(
  headers: IncomingHttpHeaders,
  text: string,
  rules: RequestRules,
): { readonly request: AnthropicRequest } | { readonly refusal: RawAnswer } {
  const key = headers.authorization?.startsWith("Bearer ") === true ? headers.authorization.slice(7) : headers["x-api-key"];
  if (typeof key !== "string" || key === "") return refuse("authentication_error", "a key is required in the Authorization header");
  if (rules.apiKey !== undefined && key !== rules.apiKey) return refuse("authentication_error", "invalid bearer token");
  if (headers["anthropic-version"] === undefined) return refuse("invalid_request_error", "anthropic-version: header is required");

  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refuse("invalid_request_error", "the request body is not valid JSON");
  }
  if (!isRecord(body)) return refuse("invalid_request_error", "the request body must be an object");
  const fault = findFault(body, rules);
  if (fault !== undefined) return refuse("invalid_request_error", fault);

  return { request: toRequest(body, headers) };
}

function refuse(type: "authentication_error" | "invalid_request_error", message: string): { readonly refusal: RawAnswer } {
  return { refusal: anthropicError(type, message) };
}

function findFault(body: Record<string, unknown>, { temperatureModels }: RequestRules): string | undefined {
  const { model, max_tokens: maxTokens, messages } = body;
  if (typeof model !== "string" || model === "") return "model: Field required";
  if (typeof maxTokens !== "number" || !Number.isSafeInteger(maxTokens) || maxTokens < 1)
    return "max_tokens: must be an integer greater than 0";
  if (!Array.isArray(messages) || messages.length === 0) return "messages: at least one message is required";
  for (const [index, message] of messages.entries()) {
    if (!isRecord(message) || (message.role !== "user" && message.role !== "assistant")) return `messages.${index}.role: user or assistant`;
    if (textOf(message.content) === "") return `messages.${index}: content must be non-empty`;
  }
  for (const option of ["temperature", "top_p", "top_k"]) {
    if (body[option] !== undefined && !temperatureModels.has(model)) return `${option}: sampling options are not supported by this model`;
  }
  if (body.output_config === undefined) return undefined;
  const format = isRecord(body.output_config) ? body.output_config.format : undefined;
  if (format === undefined || format === null) return undefined;
  if (!isRecord(format) || format.type !== "json_schema" || !isRecord(format.schema))
    return "output_config.format: must be a json_schema with a schema";
  return findSchemaFault(format.schema);
}

/** The two rules of structured output that a schema written for validation breaks most often. */
function findSchemaFault(schema: unknown): string | undefined {
  if (Array.isArray(schema)) return firstFault(schema);
  if (!isRecord(schema)) return undefined;
  if (schema.type === "object" && schema.additionalProperties !== false)
    return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false";
  for (const keyword of ["minimum", "maximum", "minLength", "maxLength", "pattern", "maxItems"]) {
    if (typeof schema[keyword] === "number" || typeof schema[keyword] === "string")
      return `output_config.format.schema: property '${keyword}' is not supported`;
  }
  return firstFault(Object.values(schema));
}

function firstFault(parts: readonly unknown[]): string | undefined {
  for (const part of parts) {
    const fault = findSchemaFault(part);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function toRequest(body: Record<string, unknown>, headers: IncomingHttpHeaders): AnthropicRequest {
  const messages = body.messages as readonly Record<string, unknown>[];
  const lastUser = messages.findLast((message) => message.role === "user");
  const format = isRecord(body.output_config) && isRecord(body.output_config.format) ? body.output_config.format : undefined;
  return {
    model: body.model as string,
    maxTokens: body.max_tokens as number,
    system: body.system === undefined ? undefined : textOf(body.system),
    user: textOf(lastUser?.content),
    temperature: typeof body.temperature === "number" ? body.temperature : undefined,
    schema: isRecord(format?.schema) ? format.schema : undefined,
    stream: body.stream === true,
    headers,
    body,
  };
}

/** Text of a message's content: a string, or the text blocks of a list. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((block: unknown) => (isRecord(block) && typeof block.text === "string" ? block.text : "")).join("");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
