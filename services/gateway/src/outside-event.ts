/** Events that somebody outside publishes: read strictly, in the three forms that `POST /v1/events` takes. */
import { createHash } from "node:crypto";
import {
  didYouMean,
  isOpenVibeError,
  isPlainObject,
  type JsonObject,
  MAX_EVENT_DATA_BYTES,
  nearestNames,
  newToken,
  OpenVibeError,
  type OpenVibeEvent,
  type ProblemCode,
  parsePublishedType,
  parseRfc3339,
  parseTraceparent,
  pointerToken,
  toIso,
} from "@openvibe/core";

export const CLOUD_EVENT = "application/cloudevents+json";
export const CLOUD_EVENT_BATCH = "application/cloudevents-batch+json";
export const MAX_BATCH = 100;

const PLAIN_FIELDS = ["type", "data", "id", "source", "time"];
/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#attribute-naming-convention */
const ATTRIBUTE = /^[a-z0-9]{1,40}$/;
const JSON_MEDIA = /^application\/(?:[a-z0-9.-]+\+)?json(?:\s*;.*)?$/i;
/** A URI reference, as far as it matters here: no spaces, no control characters. */
export const SOURCE_PATTERN = "^[!-~]{1,200}$";
const SOURCE = new RegExp(SOURCE_PATTERN);
export const EVENT_ID_PATTERN = "^[ -~]{1,200}$";
const EVENT_ID = new RegExp(EVENT_ID_PATTERN);

interface Given {
  /** Where it stands in the body, as a JSON pointer. */
  readonly at: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * All of a body's events, or none. The same source and id give the same event id.
 * @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD, OV_EVENT_TYPE_INVALID, OV_BODY_TOO_LARGE
 */
export function parseOutsideEvents(
  body: unknown,
  mediaType: string,
  { now, traceparent }: { readonly now: number; readonly traceparent: string | undefined },
): readonly OpenVibeEvent[] {
  const trace = parseTraceparent(traceparent);
  if (mediaType === CLOUD_EVENT_BATCH) {
    if (!Array.isArray(body) || body.length === 0 || body.length > MAX_BATCH)
      throw wrong("OV_REQUEST_INVALID", "", `expected a list of 1 to ${MAX_BATCH} events`);
    return body.map((one, index) => toEvent(readCloudEvent(one, `/${index}`), now, trace));
  }
  return [toEvent(mediaType === CLOUD_EVENT ? readCloudEvent(body, "") : readPlain(body), now, trace)];
}

function readPlain(body: unknown): Given {
  if (!isPlainObject(body)) throw wrong("OV_REQUEST_INVALID", "", 'expected an object such as {"type": "lead.replied", "data": {…}}');
  for (const field of Object.keys(body)) {
    if (PLAIN_FIELDS.includes(field)) continue;
    const detail = `unknown field${didYouMean(nearestNames(field, PLAIN_FIELDS))}; allowed are ${PLAIN_FIELDS.join(", ")}`;
    throw wrong("OV_UNKNOWN_FIELD", `/${pointerToken(field.slice(0, 80))}`, detail);
  }
  return { at: "", fields: { id: newToken(), source: "/", ...body } };
}

/** Extensions are allowed, as the standard has it, and passed over, but for `traceparent`. */
function readCloudEvent(body: unknown, at: string): Given {
  if (!isPlainObject(body)) throw wrong("OV_REQUEST_INVALID", at, "expected a CloudEvent in structured JSON");
  for (const name of Object.keys(body)) {
    if (name === "data_base64") throw wrong("OV_REQUEST_INVALID", `${at}/data_base64`, "binary data is not taken; send JSON as data");
    if (!ATTRIBUTE.test(name))
      throw wrong("OV_UNKNOWN_FIELD", `${at}/${pointerToken(name.slice(0, 80))}`, "an attribute's name is up to 40 of a-z and 0-9");
  }
  const { specversion, datacontenttype } = body;
  if (specversion !== "1.0") throw wrong("OV_REQUEST_INVALID", `${at}/specversion`, 'must be "1.0"');
  if (datacontenttype !== undefined && !(typeof datacontenttype === "string" && JSON_MEDIA.test(datacontenttype)))
    throw wrong("OV_REQUEST_INVALID", `${at}/datacontenttype`, 'must be "application/json", or be left out');
  return { at, fields: body };
}

function toEvent({ at, fields }: Given, now: number, trace: string | undefined): OpenVibeEvent {
  const { id, source, data = {} } = fields;
  if (typeof id !== "string" || !EVENT_ID.test(id))
    throw wrong("OV_REQUEST_INVALID", `${at}/id`, "must be a text of 1 to 200 printable ASCII characters");
  if (typeof source !== "string" || !SOURCE.test(source))
    throw wrong("OV_REQUEST_INVALID", `${at}/source`, "must be a URI reference of 1 to 200 printable ASCII characters without spaces");
  if (!isPlainObject(data)) throw wrong("OV_REQUEST_INVALID", `${at}/data`, "must be a JSON object");
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > MAX_EVENT_DATA_BYTES)
    throw wrong("OV_BODY_TOO_LARGE", `${at}/data`, `has ${bytes} bytes of JSON; allowed are ${MAX_EVENT_DATA_BYTES}`);
  const traceparent = typeof fields.traceparent === "string" ? parseTraceparent(fields.traceparent) : trace;
  return {
    id: `ev_${createHash("sha256")
      .update(JSON.stringify([source, id]))
      .digest("hex")
      .slice(0, 32)}`,
    type: readType(fields.type, at),
    time: readTime(fields.time, at, now),
    operatorId: null,
    workflowId: null,
    runId: null,
    nodeId: null,
    sequence: null,
    data: data as JsonObject,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(source === "/" ? {} : { source }),
  };
}

function readType(type: unknown, at: string): string {
  try {
    return parsePublishedType(type);
  } catch (error) {
    throw isOpenVibeError(error) ? wrong(error.code, `${at}/type`, error.message) : error;
  }
}

function readTime(time: unknown, at: string, now: number): string {
  if (time === undefined) return toIso(now);
  const ms = typeof time === "string" ? parseRfc3339(time) : undefined;
  if (ms === undefined)
    throw wrong("OV_REQUEST_INVALID", `${at}/time`, 'must be a time with its offset (RFC 3339), such as "2026-11-22T10:30:00Z"');
  return toIso(ms);
}

function wrong(code: ProblemCode, pointer: string, detail: string): OpenVibeError {
  return new OpenVibeError(code, `${pointer === "" ? "the body" : pointer}: ${detail}`, { errors: [{ pointer, detail }] });
}
