import { MAX_EVENT_DATA_BYTES } from "./dataref.ts";
import type { OpenVibeEvent } from "./events.ts";
import type { RunId } from "./ids.ts";
import type { JsonObject, JsonValue } from "./json.ts";

export const CONTEXT_EVENT_TYPES = { put: "context.updated", delete: "context.deleted" } as const;

/** One change of shared context. */
export interface ContextChange {
  readonly kind: "put" | "delete";
  readonly bucket: string;
  /** Which bucket of that name: one that was lost and made anew has another. */
  readonly epoch: string;
  readonly key: string;
  readonly revision: number;
  /** Of what was put. */
  readonly value?: JsonValue;
  /** The run whose node wrote it. */
  readonly writtenBy?: RunId;
  /** ISO 8601, UTC. */
  readonly time: string;
}

const EVENT_ID = /^([^:]+):([^:]*):(\d+)$/;

/** What the id of a change's event says; `undefined` for what is none. */
export function findContextEventId(id: string): Pick<ContextChange, "bucket" | "epoch" | "revision"> | undefined {
  const [, bucket, epoch, revision] = EVENT_ID.exec(id) ?? [];
  return bucket === undefined || epoch === undefined ? undefined : { bucket, epoch, revision: Number(revision) };
}

/**
 * The event that tells a change: its id is the bucket, which of that name, and its revision, whoever tells it. A value that is too large to travel is
 * left out.
 */
export function toContextEvent({ kind, bucket, epoch, key, revision, value, writtenBy, time }: ContextChange): OpenVibeEvent {
  const at: JsonObject = { bucket, key, revision, ...(writtenBy === undefined ? {} : { run_id: writtenBy }) };
  const data: JsonObject = { ...at, ...(value === undefined ? {} : { value }) };
  const fits = value === undefined || Buffer.byteLength(JSON.stringify(data)) <= MAX_EVENT_DATA_BYTES;
  return {
    id: `${bucket}:${epoch}:${revision}`,
    type: CONTEXT_EVENT_TYPES[kind],
    time,
    operatorId: null,
    workflowId: null,
    runId: null,
    nodeId: null,
    sequence: null,
    data: fits ? data : at,
  };
}

/** The run that an event follows from: its own, or of a change of context the one that wrote it. Nobody but OpenVibe publishes these types. */
export function findCausingRun({ type, runId, data }: OpenVibeEvent): RunId | null {
  if (type !== CONTEXT_EVENT_TYPES.put && type !== CONTEXT_EVENT_TYPES.delete) return runId;
  return typeof data.run_id === "string" ? data.run_id : null;
}
