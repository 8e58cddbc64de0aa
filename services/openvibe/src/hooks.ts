/** Handlers of a program's own for what happens in the deployment. Types here, the hearing in `open-hooks.ts`. */
import type { JsonObject, NodeId, OpenVibeEvent, OperatorId, RunError, RunId, RunMetrics, WorkflowId } from "@openvibe/core";

/** An end that came from outside (a sweep, a cancel of a run that waited) knows no metrics. */
interface EndedBadly {
  readonly error?: RunError;
  readonly metrics?: RunMetrics;
}

interface NodeEnded {
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
}

/** What the events of runs and nodes hold, by type. As on the wire: snake_case. */
interface HookData {
  readonly "run.queued": { readonly trigger: string; readonly workflow_id: WorkflowId };
  readonly "run.started": JsonObject;
  readonly "run.waiting": { readonly kind: "human" | "timer" | "event" | "child" | "retry" } & Readonly<Record<string, unknown>>;
  readonly "run.resumed": { readonly kind: string; readonly by?: string };
  readonly "run.completed": { readonly status: "completed"; readonly output: JsonObject; readonly metrics: RunMetrics };
  readonly "run.failed": EndedBadly & { readonly status: "failed" };
  readonly "run.cancelled": EndedBadly & { readonly status: "cancelled" };
  readonly "run.timed_out": EndedBadly & { readonly status: "timed_out" };
  readonly "run.dead_lettered": EndedBadly & { readonly status: "dead_lettered" };
  readonly "node.completed": NodeEnded & { readonly tokens_in?: number; readonly tokens_out?: number; readonly cost_usd?: number | null };
  readonly "node.failed": NodeEnded & { readonly error: RunError };
  /** The same as `node.failed`. */
  readonly "node.error": NodeEnded & { readonly error: RunError };
}

/** A stored event's type, also of an operator's own (`"lead.qualified"`), a prefix (`"run.*"`), or `"*"` for all. */
export type HookType = keyof HookData | "*" | (string & {});

interface OfRun {
  readonly runId: RunId;
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly sequence: number;
}

/** An event as a handler gets it. */
export type HookEvent<T extends string> = T extends keyof HookData
  ? Omit<OpenVibeEvent, keyof OfRun | "data" | "nodeId"> &
      OfRun & { readonly data: HookData[T]; readonly nodeId: T extends `node.${string}` ? NodeId : NodeId | null }
  : OpenVibeEvent;

export type HookHandler<T extends string> = (event: HookEvent<T>) => unknown;

/**
 * Hearing what happens in this deployment: on a shared broker also what other processes run. From now on, at most once, not kept: a webhook is for what
 * must not be missed. What a handler throws is logged and harms nothing.
 */
export interface Hooks {
  /** Calls `handler` for each event of this type. Disposing what it gives ends that. @throws OpenVibeError OV_EVENT_TYPE_INVALID */
  on<const T extends HookType>(type: T, handler: HookHandler<T>): Disposable;
  /** Ends what `on` began with the same type and handler. */
  off<const T extends HookType>(type: T, handler: HookHandler<T>): void;
}
