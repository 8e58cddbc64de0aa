import { type MsgHdrs, MsgHdrsImpl } from "@nats-io/transport-node";
import { isPlainObject, type JsonObject, type OpenVibeEvent, sourceOf, subjects } from "@openvibe/core";
import { toJsonText } from "../limits.ts";
import { parseHeaderText, toHeaderText } from "./header-text.ts";
import type { Message } from "./publish.ts";

const MSG_ID = "Nats-Msg-Id";
const EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";

/** Headers whose bytes are known: the client's own are a map of lists, which costs more to fill and to write out than all else of a message. */
class WrittenHeaders extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  override encode(): Uint8Array {
    return this.#bytes;
  }
}

/** An event as a CloudEvent in binary mode: attributes in headers, `data` as the body. https://github.com/cloudevents/spec (NATS binding) */
export function toEventMessage(event: OpenVibeEvent, { onlyOnce }: { onlyOnce: boolean }): Message {
  const { operatorId, runId } = event;
  const attributes =
    line("ce-id", event.id) +
    line("ce-source", sourceOf(event)) +
    line("ce-type", event.type) +
    line("ce-subject", runId === null ? null : `runs/${runId}`) +
    line("ce-time", event.time) +
    line("ce-operatorid", operatorId) +
    line("ce-workflowid", event.workflowId) +
    line("ce-runid", runId) +
    line("ce-nodeid", event.nodeId) +
    line("ce-sequence", event.sequence) +
    line("ce-dataref", event.dataref) +
    line("ce-traceparent", event.traceparent) +
    line(MSG_ID, event.id) +
    line(EXPECTED_LAST_SUBJECT_SEQUENCE, onlyOnce ? 0 : null);
  return {
    subject: subjects.event(operatorId, event.type, runId),
    body: Buffer.from(event.dataref === undefined ? toJsonText(event.data, `event ${event.id}`) : ""),
    headers: new WrittenHeaders(Buffer.from(`NATS/1.0\r\nce-specversion: 1.0\r\n${attributes}content-type: application/json\r\n\r\n`)),
  };
}

/** One header of a message. https://docs.nats.io/reference/reference-protocols/nats-protocol#hpub */
function line(name: string, value: string | number | null | undefined): string {
  return value === null || value === undefined ? "" : `${name}: ${toHeaderText(String(value))}\r\n`;
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
