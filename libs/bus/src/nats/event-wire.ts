import type { MsgHdrs } from "@nats-io/transport-node";
import { isPlainObject, type JsonObject, type OpenVibeEvent, sourceOf, subjects } from "@openvibe/core";
import { toJsonText } from "../limits.ts";
import { parseHeaderText } from "./header-text.ts";
import type { Message } from "./publish.ts";
import { headerLine, WrittenHeaders } from "./written-headers.ts";

const MSG_ID = "Nats-Msg-Id";
const EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";

/** An event as a CloudEvent in binary mode: attributes in headers, `data` as the body. https://github.com/cloudevents/spec (NATS binding) */
export function toEventMessage(event: OpenVibeEvent, { onlyOnce }: { onlyOnce: boolean }): Message {
  const { operatorId, runId } = event;
  const attributes =
    headerLine("ce-id", event.id) +
    headerLine("ce-source", sourceOf(event)) +
    headerLine("ce-type", event.type) +
    headerLine("ce-subject", runId === null ? null : `runs/${runId}`) +
    headerLine("ce-time", event.time) +
    headerLine("ce-operatorid", operatorId) +
    headerLine("ce-workflowid", event.workflowId) +
    headerLine("ce-runid", runId) +
    headerLine("ce-nodeid", event.nodeId) +
    headerLine("ce-sequence", event.sequence) +
    headerLine("ce-dataref", event.dataref) +
    headerLine("ce-traceparent", event.traceparent) +
    headerLine(MSG_ID, event.id) +
    headerLine(EXPECTED_LAST_SUBJECT_SEQUENCE, onlyOnce ? 0 : null);
  return {
    subject: subjects.event(operatorId, event.type, runId),
    body: Buffer.from(event.dataref === undefined ? toJsonText(event.data, `event ${event.id}`) : ""),
    headers: new WrittenHeaders(`ce-specversion: 1.0\r\n${attributes}content-type: application/json\r\n`),
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
