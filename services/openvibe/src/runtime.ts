import type { LlmProvider } from "@openvibe/llm";
import type { AnyOperator, JsonObject, LogicHandler, Run, WorkflowIds, WorkflowInput, WorkflowOutput } from "@openvibe/sdk";
import type { Hooks } from "./hooks.ts";

export interface RuntimeOptions {
  /**
   * What `operator(…)` gives, classes with `@operator`, and YAML files that hold some: with a file among them the runtime starts at its first use, so
   * that `handler` can come before.
   */
  readonly operators: readonly (AnyOperator | string)[];
  /** The configuration's choice by default. */
  readonly llm?: LlmProvider;
  /** A file, or `":memory:"` (the default here). Unused where the configuration names Postgres. */
  readonly store?: string;
}

/** A run that ended, with its output typed as the workflow's state. */
export type EndedRun<Output> = Omit<Run, "output"> & { readonly output: Output };

export interface StartedRun<Output> {
  readonly runId: string;
  /** The run's final state. @throws OpenVibeError OV_ASK_TIMEOUT when it has not ended after `timeoutMs` (5 minutes by default) */
  ended(options?: { readonly timeoutMs?: number }): Promise<EndedRun<Output>>;
}

/** Operators in this process, without HTTP. Disposing drains it. */
export interface Runtime extends Hooks, AsyncDisposable {
  /** Accepts a run; typed by the operator. @throws OpenVibeError OV_TRIGGER_NOT_FOUND, OV_INPUT_INVALID, OV_REQUEST_INVALID (tags), OV_DEADLINE_PAST, OV_IDEMPOTENCY_MISMATCH */
  activate<O extends AnyOperator, const Id extends WorkflowIds<O>>(
    operator: O,
    workflow: Id,
    input: WorkflowInput<O, Id>,
    options?: { readonly idempotencyKey?: string; readonly tags?: Readonly<Record<string, string>>; readonly deadline?: Date },
  ): Promise<StartedRun<WorkflowOutput<O, Id>>>;
  /**
   * The same for an operator of a YAML file, by its id.
   * @throws as above, and OV_OPERATOR_NOT_FOUND
   */
  activate(
    operatorId: string,
    workflow: string,
    input: JsonObject,
    options?: { readonly idempotencyKey?: string; readonly tags?: Readonly<Record<string, string>>; readonly deadline?: Date },
  ): Promise<StartedRun<JsonObject>>;
  /** Registers the code of a logic node of a YAML file, before the runtime starts. @throws OpenVibeError OV_CONFIG_INVALID */
  handler(operatorId: string, workflowId: string, nodeId: string, run: LogicHandler): this;
  /** Starts it now, to know what is wrong; without it the first use does. Twice is fine. @throws OpenVibeError OV_DEFINITION_INVALID, OV_STORE_IN_USE */
  start(): Promise<void>;
  find(runId: string): Promise<Run | undefined>;
  cancel(runId: string): Promise<void>;
  /** A bucket of shared context, by its full name. */
  context(bucket: string): import("@openvibe/context").SharedBucket;
  /** The run's stored events, oldest first. */
  events(runId: string): Promise<readonly import("@openvibe/core").OpenVibeEvent[]>;
}

/** Starts an embedded runtime as environment and `openvibe.config` say. @throws OpenVibeError OV_CONFIG_INVALID, OV_DEFINITION_INVALID, OV_STORE_IN_USE */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { openRuntime } = await import("./open-runtime.ts");
  return await openRuntime(options);
}
