import type { Duration } from "./duration.ts";
import type { NodeId, OperatorId, RunId, WorkflowId } from "./ids.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { Tags } from "./run.ts";
import type { TriggerEvent } from "./run-cause.ts";

/** An entry of shared context. `revision` grows with every change of the bucket. */
export interface ContextEntry<T extends JsonValue = JsonValue> {
  readonly key: string;
  readonly value: T;
  readonly revision: number;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
}

/** A bucket of shared context, named in full (`context-leads`). A call that meets an unreachable bus repeats until the node's timeout. */
export interface ContextBucket {
  get<T extends JsonValue = JsonValue>(key: string): Promise<ContextEntry<T> | undefined>;
  /** Last writer wins. Gives the new revision. */
  put(key: string, value: JsonValue): Promise<number>;
  /** Reads, changes and writes until nobody was in between; `fn` may be called more than once. Gives what was written. */
  update<T extends JsonValue = JsonValue>(key: string, fn: (current: T | undefined) => T | Promise<T>): Promise<ContextEntry<T>>;
  delete(key: string): Promise<void>;
}

export interface AskOptions {
  /** How long the answer is waited for; 30 seconds by default. */
  readonly timeout?: Duration;
  /** The same in milliseconds. */
  readonly timeoutMs?: number;
  /**
   * Whether the run waits without a worker; where a node may wait for longer than five minutes it does by itself. The node is then run again from its start when
   * the answer is there: what it did before the question belongs into `ctx.once`. Only in a `node` step of a workflow that keeps its steps.
   */
  readonly durable?: boolean;
}

export interface LlmCall {
  readonly model: string;
  readonly system?: string;
  readonly user: string;
  /** 4096 by default. */
  readonly maxTokens?: number;
  readonly temperature?: number;
}

export interface NodeLog {
  debug(fields: JsonObject, message: string): void;
  info(fields: JsonObject, message: string): void;
  warn(fields: JsonObject, message: string): void;
  error(fields: JsonObject, message: string): void;
}

/** What a node's code may use besides its state. */
export interface NodeContext {
  readonly runId: RunId;
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly nodeId: NodeId;
  /** Of the run: raised by each claim. */
  readonly attempt: number;
  /** Aborts on cancel, on the node's and the run's timeout, and when a shutdown has waited long enough. */
  readonly signal: AbortSignal;
  /** `run_id:node_id:iteration`: the same for every attempt of this node, another one in each pass of a loop and after each way back; hand it to outside
   *  systems as idempotency key. */
  readonly effectKey: string;
  /** What started the run: a trigger or workflow by its id, and the event where it was one; of a batch the last one, and all `events` in order. */
  readonly trigger: { readonly id: string; readonly event?: TriggerEvent; readonly events?: readonly TriggerEvent[] };
  /** Of the run, as whoever started it gave them; a run that the clock started has its time in `slot`. */
  readonly tags: Tags;
  readonly log: NodeLog;
  /** Milliseconds since 1970 by the runtime's clock. */
  now(): number;
  /** Publishes an event of the operator's own when this node's result is committed. @throws OpenVibeError OV_EVENT_TYPE_INVALID */
  publish(type: string, payload: JsonObject): void;
  context(bucket: string): ContextBucket;
  /** Asks another operator, as `"company_intel.research"`. @throws OpenVibeError OV_NO_RESPONDER, OV_ASK_TIMEOUT, OV_ASK_FAILED */
  ask<T extends JsonValue = JsonValue>(capability: string, body: JsonValue, options?: AskOptions): Promise<T>;
  /**
   * Runs `fn` once for this node, however often the node is run: its result, plain JSON of up to 256 KB, is kept beside the run and given again after a
   * crash and by a retry, until the node is committed. What `fn` throws is not kept. `key` is unique within the node; in a loop each pass has its own. Two calls at
   * a time with one key run `fn` once. `fn` gets an effect key of its own, and must not call `ctx.publish`: its code does not run again.
   * @throws OpenVibeError OV_ID_INVALID (key), OV_PATCH_INVALID (no JSON), OV_BODY_TOO_LARGE, OV_RUN_LOST (the run is in other hands by now)
   */
  once<T extends JsonValue | undefined | void>(key: string, fn: (effectKey: string) => T | Promise<T>): Promise<T>;
  /** Tells whoever watches the run how far this node is: live only, up to 8 KB, at most ten a second (the newest counts). Never fails a node. */
  emitProgress(data: JsonObject): void;
  /** One model call outside an llm step; its tokens count for the run. */
  llm(call: LlmCall): Promise<{ readonly content: string; readonly model: string }>;
}
