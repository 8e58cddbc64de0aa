import { type MsgHdrs, MsgHdrsImpl } from "@nats-io/transport-node";
import { isPlainObject, type JsonObject, type OpenVibeEvent, sourceOf, subjects } from "@openvibe/core";
import { toJsonText } from "../limits.ts";
import { parseHeaderText, toHeaderText } from "./header-text.ts";
import type { Message } from "./publish.ts";

const MSG_ID = "Nats-Msg-Id";
const EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";

/** An event as a CloudEvent in binary mode: attributes in headers, `data` as the body. https://github.com/cloudevents/spec (NATS binding) */
export function toEventMessage(event: OpenVibeEvent, { onlyOnce }: { onlyOnce: boolean }): Message {
  const hdrs = new MsgHdrsImpl();
  // Straight into the map: `append` and `set` look through all names each time, and every name and value here is known to be fit.
  const add = (name: string, value: string | number | null | undefined) => {
    if (value !== null && value !== undefined) hdrs.headers.set(name, [toHeaderText(String(value))]);
  };
  add("ce-specversion", "1.0");
  add("ce-id", event.id);
  add("ce-source", sourceOf(event));
  add("ce-type", event.type);
  add("ce-subject", event.runId === null ? null : `runs/${event.runId}`);
  add("ce-time", event.time);
  add("ce-operatorid", event.operatorId);
  add("ce-workflowid", event.workflowId);
  add("ce-runid", event.runId);
  add("ce-nodeid", event.nodeId);
  add("ce-sequence", event.sequence);
  add("ce-dataref", event.dataref);
  add("ce-traceparent", event.traceparent);
  add("content-type", "application/json");
  add(MSG_ID, event.id);
  if (onlyOnce) add(EXPECTED_LAST_SUBJECT_SEQUENCE, 0);
  return {
    subject: subjects.event(event.operatorId, event.type, event.runId),
    body: event.dataref === undefined ? toJsonText(event.data, `event ${event.id}`) : "",
    headers: hdrs,
  };
}

/** Reads what `toEventMessage` wrote, also of other programs; `undefined` when it is no such event. */
export function parseEventMessage(hdrs: MsgHdrs | undefined, data: Uint8Array): OpenVibeEvent | undefined {
  if (hdrs === undefined) return undefined;
  // One walk: each `get` would be a walk of its own.
  const found = new Map<string, string>();
  for (const [name, values] of hdrs) found.set(name.toLowerCase(), values[0] ?? "");
  const get = (name: string): string | null => {
    const value = found.get(name);
    return value === undefined ? null : parseHeaderText(value);
  };
  const [id, type, time, sequence, traceparent] = [get("ce-id"), get("ce-type"), get("ce-time"), get("ce-sequence"), get("ce-traceparent")];
  const dataref = get("ce-dataref");
  const [operatorId, source] = [get("ce-operatorid"), get("ce-source")];
  const body = dataref === null ? parseData(data) : {};
  if (id === null || type === null || time === null || body === undefined) return undefined;
  return {
    id,
    type,
    time,
    operatorId,
    workflowId: get("ce-workflowid"),
    runId: get("ce-runid"),
    nodeId: get("ce-nodeid"),
    sequence: sequence === null ? null : Number(sequence),
    data: body,
    ...(dataref === null ? {} : { dataref }),
    ...(traceparent === null ? {} : { traceparent }),
    ...(operatorId !== null || source === null || source === "/" ? {} : { source }),
  };
}

const decoder = new TextDecoder();

function parseData(data: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(data));
    return isPlainObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined; // a foreign message in the log: there is nothing that could be told of it
  }
}
