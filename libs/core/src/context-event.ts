import { MAX_EVENT_DATA_BYTES } from "./dataref.ts";
import type { OpenVibeEvent } from "./events.ts";
import type { JsonObject, JsonValue } from "./json.ts";

export const CONTEXT_EVENT_TYPES = { put: "context.updated", delete: "context.deleted" } as const;

/** One change of shared context. */
export interface ContextChange {
  readonly kind: "put" | "delete";
  readonly bucket: string;
  readonly key: string;
  readonly revision: number;
  /** Of what was put. */
  readonly value?: JsonValue;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** The event that tells a change: its id is the bucket and its revision, whoever tells it. A value that is too large to travel is left out. */
export function toContextEvent({ kind, bucket, key, revision, value, time }: ContextChange): OpenVibeEvent {
  const data: JsonObject = { bucket, key, revision, ...(value === undefined ? {} : { value }) };
  const fits = value === undefined || Buffer.byteLength(JSON.stringify(data)) <= MAX_EVENT_DATA_BYTES;
  return {
    id: `${bucket}:${revision}`,
    type: CONTEXT_EVENT_TYPES[kind],
    time,
    operatorId: null,
    workflowId: null,
    runId: null,
    nodeId: null,
    sequence: null,
    data: fits ? data : { bucket, key, revision },
  };
}
