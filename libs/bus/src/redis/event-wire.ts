import { isPlainObject, type JsonObject, type OpenVibeEvent, toCloudEvent } from "@openvibe/core";
import { toJsonText } from "../limits.ts";

/** An event as a CloudEvent in structured JSON, as it is told over SSE and webhooks. */
export function toEventText(event: OpenVibeEvent): string {
  return toJsonText(toCloudEvent(event), `event ${event.id}`);
}

/** Reads what `toEventText` wrote, also of other programs; `undefined` when it is no such event. */
export function parseEventText(text: string | undefined): OpenVibeEvent | undefined {
  const body = parseObject(text ?? "");
  if (body === undefined) return undefined;
  const { id, source, type, time, operatorid, sequence, traceparent, dataref, data = {} } = body;
  if (typeof id !== "string" || typeof type !== "string" || typeof time !== "string" || !isPlainObject(data)) return undefined;
  const word = (name: string) => (typeof body[name] === "string" ? body[name] : null);
  return {
    id,
    type,
    time,
    operatorId: word("operatorid"),
    workflowId: word("workflowid"),
    runId: word("runid"),
    nodeId: word("nodeid"),
    sequence: typeof sequence === "number" ? sequence : null,
    data: data as JsonObject,
    ...(typeof dataref === "string" ? { dataref } : {}),
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    ...(typeof operatorid !== "string" && typeof source === "string" && source !== "/" ? { source } : {}),
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined; // a foreign entry in the log: there is nothing that could be told of it
  }
}
