import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { Control } from "./control.ts";
import type { CatchUp } from "./cron-trigger.ts";
import type { OpenVibeEvent } from "./events.ts";
import type { NodeId, OperatorId, RunId, WorkflowId } from "./ids.ts";
import type { JsonObject, JsonSchema, JsonValue } from "./json.ts";
import type { NodeContext } from "./node-context.ts";
import type { Pacing } from "./pacing.ts";
import type { RunError } from "./problems.ts";
import type { Run } from "./run.ts";
import type { FinalStatus } from "./run-status.ts";

/** A step as data. Order in the list is order of execution; after a branch every arm goes on with the next step. */
export type StepManifest =
  | LlmStepManifest
  | NodeStepManifest
  | BranchStepManifest
  | LoopStepManifest
  | WaitStepManifest
  | HumanStepManifest
  | RunStepManifest
  | EachStepManifest
  | GraphStepManifest;

interface StepBase {
  readonly id: NodeId;
  /** Time for one attempt of the step, in milliseconds. */
  readonly timeout_ms?: number;
  /** Code says from the state whether the step is run at all. */
  readonly when?: true;
}
export interface LlmStepManifest extends StepBase {
  readonly kind: "llm";
  readonly model: string;
  readonly max_tokens: number;
  readonly temperature?: number;
  /** Attempts in all, 3 by default; only failures of the model or its vendor are tried again. */
  readonly attempts: number;
  /** The pauses between them, where they are not the usual ones. */
  readonly retries?: RetryManifest;
  /** Models that are asked, in this order, when the one before cannot or will not answer. */
  readonly fallback?: readonly string[];
  /** The vendor is asked to keep the system prompt for the next calls. */
  readonly cache?: true;
  /** The fields the reply is written to; empty when code of the author's parses it. */
  readonly outputs: readonly string[];
  readonly reply: "text" | "json" | "parse";
}
export interface NodeStepManifest extends StepBase {
  readonly kind: "node";
  /** Neighbouring steps without outside effects may share one commit. */
  readonly pure?: boolean;
  /** Attempts and the pauses between them; one attempt when absent. */
  readonly retries?: RetryManifest;
}
export interface RetryManifest {
  /** In all. */
  readonly attempts: number;
  /** Before the second attempt, in milliseconds; then `factor` times as long each time, at most `longest_ms`. */
  readonly backoff_ms: number;
  readonly factor: number;
  readonly longest_ms: number;
  /** Share of a pause that is left to chance, 0 to 1. */
  readonly jitter: number;
}
export interface BranchStepManifest extends StepBase {
  readonly kind: "branch";
  readonly routes: Readonly<Record<string, RouteManifest>>;
  /** The state field that receives the route: the one named like the step, where there is one. */
  readonly route_field?: string;
}
/** Steps that rejoin behind the branch (an empty list goes straight on), another step, or the run's end. */
export type RouteManifest = readonly StepManifest[] | { readonly goto: NodeId } | { readonly end: true };

/** Runs `body` again and again, as its code says before each pass. */
export interface LoopStepManifest extends StepBase {
  readonly kind: "loop";
  readonly body: readonly StepManifest[];
  /** Passes; one more fails the run with OV_LOOP_LIMIT. */
  readonly max_iterations: number;
}
/** Lets time pass; the run holds no worker meanwhile. */
export interface WaitStepManifest extends StepBase {
  readonly kind: "wait";
  /** Absent where code says until when, and where an event is waited for. */
  readonly duration_ms?: number;
  readonly event?: EventWaitManifest;
}
/** Which events a wait ends with. */
export interface EventWaitManifest {
  readonly types: readonly string[];
  /** How many of the types have to come. */
  readonly needed: number;
  /** Fields of an event's data that must have the values that code says; any event of the type when absent. */
  readonly match?: readonly string[];
  /** How long is waited; for as long as it takes when absent. Milliseconds. */
  readonly timeout_ms?: number;
  /** Steps to go through when the time is over; straight on without them. */
  readonly timed_out?: readonly StepManifest[];
  /** The state field that receives the data: that of the event, or with several types an object of it by type. */
  readonly output?: string;
  /** State field -> field of an event's data. */
  readonly outputs?: Readonly<Record<string, string>>;
}
/** Asks people, and waits for their answer. */
export interface HumanStepManifest extends StepBase {
  readonly kind: "human";
  /** The fields that an answer gives. */
  readonly answer: readonly string[];
  /** JSON Schema of an answer. */
  readonly answer_schema: JsonSchema;
  /** How long an answer is waited for; for as long as it takes when absent. Milliseconds. */
  readonly wait_ms?: number;
  /** Taken as the answer when the time is over. */
  readonly default_answer?: JsonObject;
  /** Steps to go through when the time is over. Without them and without a default the run fails with OV_ANSWER_TIMEOUT. */
  readonly timed_out?: readonly StepManifest[];
  /** After this the question is told again, once. Milliseconds. */
  readonly remind_after_ms?: number;
  /** Who may answer, and how many of them have to; anybody, once, when absent. */
  readonly approvers?: { readonly of: readonly string[]; readonly needed: number };
}
interface ChildStepBase extends StepBase {
  /** The run's own operator when absent. */
  readonly operator_id?: OperatorId;
  readonly workflow_id: WorkflowId;
  /** From a child's beginning until it times out; only the parent's own deadline counts when absent. Milliseconds. */
  readonly child_timeout_ms?: number;
}
/** Begins a run of a workflow, and waits for its end; the parent holds no worker meanwhile. */
export interface RunStepManifest extends ChildStepBase {
  readonly kind: "run";
  /** What a child does to its parent that does not complete: fails it, or is made fields of the state by code. */
  readonly on_failure: "fail" | "patch";
}
/** Begins a run of a workflow for each item of a list, and waits for their ends. */
export interface EachStepManifest extends ChildStepBase {
  readonly kind: "each";
  /** Children under way at a time. */
  readonly concurrency: number;
  /** Items; one more fails the parent with OV_ITEMS_LIMIT. */
  readonly max_items: number;
  /** `fail`: the first child that does not complete fails the parent, and the others are cancelled. `skip`: it is left out. `collect`: it is among the results. */
  readonly on_failure: "fail" | "skip" | "collect";
}

/** How a child ended. */
export interface ChildEnd {
  readonly runId: RunId;
  readonly status: FinalStatus;
  /** Empty unless it completed. */
  readonly output: JsonObject;
  readonly error: RunError | null;
}

/** Runs a LangGraph graph that the author brought. */
export interface GraphStepManifest extends StepBase {
  readonly kind: "graph";
  /** The graph's own nodes. */
  readonly nodes: readonly string[];
  /** JSON Schema of an answer to what it asks; anything is one when absent. */
  readonly answer_schema?: JsonSchema;
  /** How long an answer is waited for; for as long as it takes when absent. Milliseconds. */
  readonly wait_ms?: number;
  /** Given to the graph when the time is over. Without it the run fails with OV_ANSWER_TIMEOUT. */
  readonly default_answer?: JsonValue;
  /** Supersteps of one pass; LangGraph's own default when absent. */
  readonly recursion_limit?: number;
}

export interface TriggerManifest extends Pacing {
  readonly id: string;
  /** `on_demand`, `webhook:<source>_<name>`, `event:…`, `context:<bucket>.<keys>`, `cron:…`. */
  readonly on: string;
  /** Of an event: only one whose data has these values, by fields or paths to them (`passesFilter`). */
  readonly filter?: JsonObject;
  /** Of the clock: what becomes of slots that passed while nobody looked; only the last one starts a run when absent. */
  readonly catch_up?: Exclude<CatchUp, "last">;
}

export interface WorkflowManifest {
  readonly id: WorkflowId;
  readonly description?: string;
  readonly triggers: readonly TriggerManifest[];
  /** Time for one pass through the graph, waits not counted; milliseconds. */
  readonly timeout_ms?: number;
  /** How long a run may live, waits included, from its acceptance: then it is timed out wherever it stands. */
  readonly durable?: { readonly max_days: number };
  /** Steps are not committed one by one: faster, and a run is lost with its worker. */
  readonly checkpointed?: false;
  /** JSON Schema of the input: the state's fields, none required. */
  readonly input_schema: JsonSchema;
  readonly state_fields: readonly string[];
  readonly steps: readonly StepManifest[];
  readonly on_complete?: boolean;
}

/** An operator as data: JSON, kept in the store, so that a gateway needs no code of the operator. */
export interface OperatorManifest {
  readonly id: OperatorId;
  readonly name: string;
  readonly description?: string;
  readonly owner?: string;
  readonly output?: string;
  readonly workflows: readonly WorkflowManifest[];
  /** What it answers over the bus: capability -> workflow. */
  readonly answers: Readonly<Record<string, WorkflowId>>;
}

/** The version of a manifest: the same text for the same content. */
export function manifestVersion(manifest: OperatorManifest): string {
  return createHash("sha256").update(canonicalJson(manifest)).digest("hex").slice(0, 16);
}

export type State = JsonObject;
/** Fields to change; `undefined` counts as not given. */
export type Patch = Readonly<Record<string, unknown>>;

export interface LlmPrompt {
  readonly system?: string;
  readonly user: string;
}

/** The code behind a step. Everything it returns is checked by the runtime before it is kept. */
export type StepCode = ConditionCode & KindCode;

interface ConditionCode {
  /** Whether the step is run, where its manifest says that there is a condition. Asked again after a crash. */
  when?(state: State): boolean;
}

type KindCode =
  | {
      readonly kind: "llm";
      prompt(state: State, ctx: NodeContext): LlmPrompt | Promise<LlmPrompt>;
      /** Whether a failed answer is worth another attempt; those are that may pass by themselves when absent. */
      worthRetrying?(error: unknown): boolean;
      /** JSON Schema that a JSON reply must have; absent for text and `parse`. */
      readonly schema?: JsonSchema;
      /** Turns the reply's text into a patch. @throws OpenVibeError OV_LLM_OUTPUT_INVALID */
      read(reply: string, state: State): Patch;
    }
  | {
      readonly kind: "node";
      run(state: State, ctx: NodeContext): Patch | Control | void | Promise<Patch | Control | void>;
      /** Whether a failed attempt is worth another one; every one is when absent. */
      worthRetrying?(error: unknown): boolean;
    }
  | { readonly kind: "branch"; choose(state: State, ctx: NodeContext): BranchChoice | Promise<BranchChoice> }
  /** Whether another pass follows, `passes` being done. */
  | { readonly kind: "loop"; goesOn(state: State, ctx: NodeContext, passes: number): boolean | Promise<boolean> }
  /** Until when, in milliseconds since 1970; absent where the manifest says how long. */
  | {
      readonly kind: "wait";
      until?(state: State, ctx: NodeContext): number | Promise<number>;
      /** The values of the manifest's `match` fields. */
      match?(state: State, ctx: NodeContext): Readonly<Record<string, JsonValue>> | Promise<Readonly<Record<string, JsonValue>>>;
    }
  | { readonly kind: "human"; prompt(state: State, ctx: NodeContext): string | Promise<string> }
  | {
      readonly kind: "run";
      /** Asked once for a child; what it gives is checked by the runtime. */
      input(state: State, ctx: NodeContext): unknown;
      /** Of a child that completed, or whose failure is made fields of the state. */
      end(child: ChildEnd, state: State): Patch | Promise<Patch>;
    }
  | {
      readonly kind: "each";
      /** Must follow from the state alone: it is asked again whenever children are begun. */
      items(state: State, ctx: NodeContext): unknown;
      input(item: unknown, index: number, state: State): unknown;
      /** In the order of the items; without those that the manifest says to leave out. */
      end(children: readonly ChildEnd[], state: State): Patch | Promise<Patch>;
    }
  | GraphStepCode;

export interface GraphStepCode extends ConditionCode {
  readonly kind: "graph";
  readonly graph: BroughtGraph;
  /** What the graph is begun with; asked for once, at its beginning. */
  input(state: State, ctx: NodeContext): unknown;
  /** Turns what the graph gave into a patch. */
  output(result: unknown, state: State): Patch | Promise<Patch>;
}

/** A compiled LangGraph graph by its shape: whoever handles it here loads no LangGraph. */
export interface BroughtGraph {
  readonly nodes: Readonly<Record<string, unknown>>;
  readonly outputChannels?: unknown;
  stream(input: unknown, options: Readonly<Record<string, unknown>>): Promise<AsyncIterable<unknown>>;
}

export type BranchChoice = string | { readonly route: string; readonly set?: Patch };

export interface WorkflowCode {
  readonly steps: ReadonlyMap<NodeId, StepCode>;
  /** Lays the input over the defaults and checks it whole. @throws OpenVibeError OV_INPUT_INVALID */
  openState(input: JsonObject): { readonly state: State; readonly ignoredInput: readonly string[] };
  /** Checks fields against the state's schema; returns them as they are to be kept. @throws OpenVibeError OV_PATCH_INVALID */
  checkPatch(patch: Patch, nodeId: NodeId): State;
  onComplete?(state: State, ctx: NodeContext): void | Promise<void>;
}

export interface AnswerCode {
  readonly workflowId: WorkflowId;
  /** Turns a request's body into the workflow's input. @throws whatever says what is wrong with the body */
  input(body: JsonValue): JsonObject;
  /** Turns the completed run into the reply. */
  reply(run: Run): JsonValue;
}

/** What all spellings produce: a manifest and the code behind it. */
export interface OperatorDefinition {
  readonly manifest: OperatorManifest;
  /** `manifestVersion(manifest)`. */
  readonly version: string;
  readonly workflows: ReadonlyMap<WorkflowId, WorkflowCode>;
  readonly answers: ReadonlyMap<string, AnswerCode>;
  /** Code that hears of its runs: event types or patterns, and what they call. No part of the manifest. */
  readonly hooks?: readonly HookCode[];
}

export interface HookCode {
  /** A stored event's type, a prefix (`run.*`) or `*`. */
  readonly type: string;
  readonly call: (event: OpenVibeEvent, hook: { readonly signal: AbortSignal }) => unknown;
}
