import type { NodeId, OperatorId, RunId, WorkflowId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import { OpenVibeError } from "./problems.ts";
import { type FinalStatus, RunStatus } from "./run-status.ts";
import { shown } from "./shown.ts";
import { typeToken } from "./subjects.ts";

/** A stored event, as it lies in the event log. On the wire it is a CloudEvent 1.0 (see `toCloudEvent`). */
export interface OpenVibeEvent {
  /** `{run_id}:{sequence}` for a run's events, else unique of its own. */
  readonly id: string;
  readonly type: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly operatorId: OperatorId | null;
  readonly workflowId: WorkflowId | null;
  readonly runId: RunId | null;
  readonly nodeId: NodeId | null;
  /** Per run, from 0, without gaps; `null` where there is no run. */
  readonly sequence: number | null;
  readonly data: JsonObject;
  /** Where the data can be read, when it is too large to travel; `data` is empty then. A path of the HTTP API. */
  readonly dataref?: string;
  /** W3C trace context of the work that caused the event, where known. */
  readonly traceparent?: string;
  /** Of an event from outside: what whoever sent it calls itself (CloudEvents `source`). */
  readonly source?: string;
}

/** An event of a run before it has a number: as it is kept in the run's record until it is published. */
export interface PendingEvent {
  readonly type: string;
  readonly time: string;
  readonly node_id?: NodeId;
  readonly data: JsonObject;
}

/** Unpublished events of one run: `events[i]` has the sequence `from + i`. */
export interface Outbox {
  readonly from: number;
  readonly events: readonly PendingEvent[];
}

export function toEvent(
  run: { runId: RunId; operatorId: OperatorId; workflowId: WorkflowId; traceparent?: string },
  sequence: number,
  pending: PendingEvent,
): OpenVibeEvent {
  return {
    id: `${run.runId}:${sequence}`,
    type: pending.type,
    time: pending.time,
    operatorId: run.operatorId,
    workflowId: run.workflowId,
    runId: run.runId,
    nodeId: pending.node_id ?? null,
    sequence,
    data: pending.data,
    ...(run.traceparent === undefined ? {} : { traceparent: run.traceparent }),
  };
}

/** Words that the names of OpenVibe's own types begin with: nobody else may publish such a type. */
export const OWN_EVENT_WORDS = ["run", "node", "llm", "context", "operator", "stream", "subscription"] as const;
export type OwnEventWord = (typeof OWN_EVENT_WORDS)[number];
const RESERVED_PREFIXES = OWN_EVENT_WORDS.map((word) => `${word}.`);
export const EVENT_TYPE_PATTERN = "^[a-z0-9][a-z0-9_-]{0,31}(\\.[a-z0-9][a-z0-9_-]{0,31}){0,3}$";
const TYPE = new RegExp(EVENT_TYPE_PATTERN);

/** Checks a type that user code publishes. @throws OpenVibeError OV_EVENT_TYPE_INVALID */
export function parsePublishedType(type: unknown): string {
  if (typeof type !== "string" || !TYPE.test(type)) {
    throw new OpenVibeError(
      "OV_EVENT_TYPE_INVALID",
      `event type ${shown(type)} is not allowed: up to four words of a-z, 0-9, _ and - joined by dots, such as "lead.qualified"`,
    );
  }
  // As it stands on a subject: a node's `run_completed` would lie where the event that ends its run must be the first and only one.
  const reserved = RESERVED_PREFIXES.find((prefix) => typeToken(type).startsWith(typeToken(prefix)));
  if (reserved !== undefined)
    throw new OpenVibeError(
      "OV_EVENT_TYPE_INVALID",
      `event type ${type} is not allowed: types that begin with "${reserved}" or "${typeToken(reserved)}" are OpenVibe's own`,
    );
  return type;
}

/** Types that OpenVibe itself stores. */
export const OWN_EVENT_TYPES = [
  ...(["queued", "started", "waiting", "resumed", "completed", "failed", "cancelled", "timed_out", "dead_lettered"] as const).map(
    (word) => `run.${word}` as const,
  ),
  ...(["node.completed", "node.failed", "context.updated", "context.deleted", "operator.registered", "operator.removed"] as const),
  "subscription.disabled",
] as const;
export type OwnEventType = (typeof OWN_EVENT_TYPES)[number];

/** Types that are told live only, and never stored. */
export const LIVE_EVENT_TYPES: ReadonlySet<string> = new Set([
  "node.started",
  "node.retrying",
  "node.progress",
  "node.skipped",
  "llm.delta",
]);

/** Whether a type, or the word that a prefix begins with, belongs to OpenVibe. */
export function isOwnEventType(type: string): boolean {
  return RESERVED_PREFIXES.some((prefix) => `${type}.`.startsWith(prefix));
}

export function isEventType(type: unknown): type is string {
  return typeof type === "string" && TYPE.test(type);
}

/** The event that ends a run with this status. */
export function terminalEventType(status: FinalStatus): string {
  return `run.${status}`;
}

const TERMINAL_TYPES = new Set(
  [RunStatus.Completed, RunStatus.Failed, RunStatus.Cancelled, RunStatus.TimedOut, RunStatus.DeadLettered].map(terminalEventType),
);

export function isTerminalEventType(type: string): boolean {
  return TERMINAL_TYPES.has(type);
}

export const TERMINAL_EVENT_TYPES: readonly string[] = [...TERMINAL_TYPES];

/** CloudEvents `source`. */
export function sourceOf({ operatorId, source }: Pick<OpenVibeEvent, "operatorId" | "source">): string {
  return operatorId === null ? (source ?? "/") : `/operators/${operatorId}`;
}

/** A CloudEvents 1.0 envelope in structured JSON: what SSE and webhooks carry. Extension names as DESIGN §5. */
export function toCloudEvent(event: OpenVibeEvent): JsonObject {
  return {
    specversion: "1.0",
    id: event.id,
    source: sourceOf(event),
    type: event.type,
    ...(event.runId === null ? {} : { subject: `runs/${event.runId}` }),
    time: event.time,
    datacontenttype: "application/json",
    ...(event.operatorId === null ? {} : { operatorid: event.operatorId }),
    ...(event.workflowId === null ? {} : { workflowid: event.workflowId }),
    ...(event.runId === null ? {} : { runid: event.runId }),
    ...(event.nodeId === null ? {} : { nodeid: event.nodeId }),
    ...(event.sequence === null ? {} : { sequence: event.sequence }),
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...(event.dataref === undefined ? { data: event.data } : { dataref: event.dataref }),
  };
}

/** A live event: told to whoever listens now, never stored, never replayed. */
export interface LiveEvent {
  /** `node.started`, `node.retrying`, `node.progress`, `node.skipped`, `llm.delta`. */
  readonly type: string;
  readonly time: string;
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly nodeId: NodeId | null;
  readonly attempt: number;
  /** Counts the live events of this attempt, from 0: a listener sees what it missed. */
  readonly number: number;
  readonly data: JsonObject;
}
