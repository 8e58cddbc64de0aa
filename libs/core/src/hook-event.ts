import { parseEventPattern } from "./event-pattern.ts";
import type { OpenVibeEvent, OwnEventType, OwnEventWord } from "./events.ts";
import type { NodeId, OperatorId, RunId, WorkflowId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { RunError } from "./problems.ts";
import type { RunMetrics } from "./run.ts";

/** An end that came from outside (a sweep, a cancel of a run that waited) knows no metrics. */
type EndedBadly = {
  readonly error?: RunError;
  readonly metrics?: RunMetrics;
};

type NodeEnded = {
  /** ISO 8601, UTC. */
  readonly started_at: string;
  readonly duration_ms: number;
};

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

/** Events that a hook knows by name. */
export type HookName = keyof HookData;

/** A stored event's type, also of an operator's own (`"lead.qualified"`), a prefix (`"run.*"`), or `"*"` for all. */
export type HookType = HookName | "*" | (string & {});

type PrefixOf<T> = T extends `${infer Word}.${string}` ? `${Word}.*` : never;

/** Refuses `run.complete` where it is written: `HookType` lets every text pass, for the types that operators publish. */
export type KnownHook<T extends string> = T extends OwnEventType | PrefixOf<OwnEventType> | HookName
  ? T
  : T extends OwnEventWord | `${OwnEventWord}.${string}`
    ? { readonly error: `OpenVibe stores no event "${T}"` }
    : T;

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

/** What it gives may be a promise; nobody waits for it but a process that stops. */
export type HookHandler<T extends string> = (event: HookEvent<T>) => unknown;

/** The event that a hook's name stands for: `node.error` is the original's name of `node.failed`. */
export function toHookedType(type: string): string {
  return type === "node.error" ? "node.failed" : type;
}

/** Reads the name of a hook. `wrong` makes the error of one that is never heard. */
export function parseHookType(given: string, wrong: (detail: string) => Error): string {
  return parseEventPattern(toHookedType(given), wrong);
}
