import {
  batchOrigin,
  eventOrigin,
  findJsonFault,
  type JsonObject,
  newRunId,
  OpenVibeError,
  type OpenVibeEvent,
  parseTraceparent,
  type RunCause,
  type RunId,
  toCloudEvent,
  toIso,
  type WorkflowManifest,
} from "@openvibe/core";
import type { NewRun, StoredManifest } from "@openvibe/store";

/** An event and the trigger that it meets. */
export interface EventStart {
  /** Its data inside, whatever its size. */
  readonly event: OpenVibeEvent;
  readonly operator: StoredManifest;
  readonly workflow: WorkflowManifest;
  readonly trigger: string;
  /** Events in a row that led here, this one counted. */
  readonly hops: number;
  /** Of events that were held: the run that they were given to. */
  readonly runId?: RunId;
  /** Of a batch: all of them in order, `event` at the end. */
  readonly batch?: readonly OpenVibeEvent[];
}

/**
 * The row of a run that an event starts. The event's data overlays the state, of a batch the list of them is laid over the field `events`; it is checked by the worker that claims the run, so that an event which does
 * not fit is a failed run that everybody sees, and can be redriven, instead of nothing.
 * @throws OpenVibeError OV_REQUEST_INVALID when the event holds what no run may keep
 */
export function toEventRun(start: EventStart, now: number): NewRun {
  const { event, operator, workflow, trigger, hops, runId = newRunId(now), batch } = start;
  checkEventData(event);
  const { manifest, version } = operator;
  const fields = new Set(workflow.state_fields);
  const entries = Object.entries(batch === undefined ? event.data : fields.has("events") ? { events: batch.map(({ data }) => data) } : {});
  const cause: RunCause = { kind: "event", event: toCloudEvent(event), ...(batch && { events: batch.map(toCloudEvent) }), hops };
  const traceparent = parseTraceparent(event.traceparent);
  const count = batch === undefined ? {} : { events: batch.length };
  const data: JsonObject = { trigger, workflow_id: workflow.id, event_id: event.id, event_type: event.type, ...count };
  return {
    runId,
    operatorId: manifest.id,
    workflowId: workflow.id,
    trigger,
    definition: version,
    input: Object.fromEntries(entries.filter(([field]) => fields.has(field))),
    ignoredInput: entries.map(([field]) => field).filter((field) => !fields.has(field)),
    tags: {},
    origin: batch === undefined ? eventOrigin(manifest.id, trigger, event.id) : batchOrigin(manifest.id, trigger, runId),
    cause,
    ...(traceparent === undefined ? {} : { traceparent }),
    event: { type: "run.queued", time: toIso(now), data },
  };
}

/** @throws OpenVibeError OV_REQUEST_INVALID when the event holds what no run may keep */
export function checkEventData({ id, data }: OpenVibeEvent): void {
  const fault = findJsonFault(data);
  if (fault !== undefined)
    throw new OpenVibeError("OV_REQUEST_INVALID", `data of event ${id} at ${fault.pointer || "its top"}: ${fault.detail}`);
}
