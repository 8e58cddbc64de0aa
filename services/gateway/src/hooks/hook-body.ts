import { isUtf8 } from "node:buffer";
import { isPlainObject, type JsonObject, type JsonValue, OpenVibeError, parseStrictJson } from "@openvibe/core";
import { bodyRequired } from "@openvibe/http";
import { wrongField } from "../body-fields.ts";
import { type HookRequest, headerOf } from "./hook-request.ts";

const JSON_TYPE = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;
/** HubSpot sends at most as many in one. */
const MOST_ENTRIES = 100;

export function isJsonHook(request: HookRequest): boolean {
  return JSON_TYPE.test(headerOf(request, "content-type") ?? "");
}

/**
 * What a webhook tells, each entry an event of its own: JSON, or the fields of a form (whose only `payload` may be JSON, as with Slack and GitHub).
 * @throws OpenVibeError OV_MEDIA_TYPE_UNSUPPORTED, OV_BODY_REQUIRED, OV_UTF8_INVALID, OV_REQUEST_INVALID, OV_JSON_INVALID and its kin
 */
export function parseHookBody(request: HookRequest): readonly JsonObject[] {
  const type = headerOf(request, "content-type") ?? "";
  const encoding = headerOf(request, "content-encoding") ?? "identity";
  if (encoding.trim().toLowerCase() !== "identity") throw unsupported(`Content-Encoding ${encoding.slice(0, 80)}`);
  if (!isJsonHook(request) && !FORM_TYPE.test(type))
    throw unsupported(type === "" ? "a body without Content-Type" : JSON.stringify(type.slice(0, 80)));
  if (request.raw.length === 0) throw bodyRequired();
  if (!isUtf8(request.raw)) throw new OpenVibeError("OV_UTF8_INVALID", "the body holds bytes that are not UTF-8");
  const text = request.raw.toString("utf8");
  const body = isJsonHook(request) ? parseStrictJson(text, "the body") : parseForm(text);
  const entries = Array.isArray(body) ? (body as readonly JsonValue[]) : [body];
  if (entries.length === 0 || entries.length > MOST_ENTRIES)
    throw wrongField("", `expected 1 to ${MOST_ENTRIES} events, got ${entries.length}`);
  return entries.map((entry, index) => {
    if (isPlainObject(entry)) return entry as JsonObject;
    throw wrongField(Array.isArray(body) ? `/${index}` : "", "expected an object, or a list of objects");
  });
}

function parseForm(text: string): JsonObject {
  const fields = new URLSearchParams(text);
  const payload = fields.get("payload");
  if (payload !== null && fields.size === 1) {
    const value = parseStrictJson(payload, "payload");
    if (isPlainObject(value)) return value as JsonObject;
  }
  const entries = Object.fromEntries([...new Set(fields.keys())].map((name) => [name, fields.getAll(name).at(-1) ?? ""]));
  return parseStrictJson(JSON.stringify(entries), "the form") as JsonObject;
}

function unsupported(what: string): OpenVibeError {
  return new OpenVibeError("OV_MEDIA_TYPE_UNSUPPORTED", `${what} is not accepted; accepted are JSON and forms in UTF-8, not compressed`, {
    extra: { accepted: ["application/json", "application/x-www-form-urlencoded"] },
  });
}
