import {
  eventOrigin,
  findJsonFault,
  type JsonObject,
  newRunId,
  OpenVibeError,
  type OpenVibeEvent,
  parseTraceparent,
  type RunCause,
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
}

/**
 * The row of a run that an event starts. The event's data overlays the state; it is checked by the worker that claims the run, so that an event which does
 * not fit is a failed run that everybody sees, and can be redriven, instead of nothing.
 * @throws OpenVibeError OV_REQUEST_INVALID when the event holds what no run may keep
 */
export function toEventRun({ event, operator, workflow, trigger, hops }: EventStart, now: number): NewRun {
  const fault = findJsonFault(event.data);
  if (fault !== undefined)
    throw new OpenVibeError("OV_REQUEST_INVALID", `data of event ${event.id} at ${fault.pointer || "its top"}: ${fault.detail}`);
  const { manifest, version } = operator;
  const fields = new Set(workflow.state_fields);
  const entries = Object.entries(event.data);
  const cause: RunCause = { kind: "event", event: toCloudEvent(event), hops };
  const traceparent = parseTraceparent(event.traceparent);
  const data: JsonObject = { trigger, workflow_id: workflow.id, event_id: event.id, event_type: event.type };
  return {
    runId: newRunId(now),
    operatorId: manifest.id,
    workflowId: workflow.id,
    trigger,
    definition: version,
    input: Object.fromEntries(entries.filter(([field]) => fields.has(field))),
    ignoredInput: entries.map(([field]) => field).filter((field) => !fields.has(field)),
    tags: {},
    origin: eventOrigin(manifest.id, trigger, event.id),
    cause,
    ...(traceparent === undefined ? {} : { traceparent }),
    event: { type: "run.queued", time: toIso(now), data },
  };
}
