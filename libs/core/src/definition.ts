import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import type { NodeId, OperatorId, WorkflowId } from "./ids.ts";
import type { JsonObject, JsonSchema, JsonValue } from "./json.ts";
import type { NodeContext } from "./node-context.ts";
import type { Run } from "./run.ts";

/** A step as data. Order in the list is order of execution; after a branch every arm goes on with the next step. */
export type StepManifest = LlmStepManifest | NodeStepManifest | BranchStepManifest;

interface StepBase {
  readonly id: NodeId;
  /** Time for one attempt of the step, in milliseconds. */
  readonly timeout_ms?: number;
}
export interface LlmStepManifest extends StepBase {
  readonly kind: "llm";
  readonly model: string;
  readonly max_tokens: number;
  readonly temperature?: number;
  /** Attempts in all, 3 by default; only failures of the model or its vendor are tried again. */
  readonly attempts: number;
  /** The fields the reply is written to; empty when code of the author's parses it. */
  readonly outputs: readonly string[];
  readonly reply: "text" | "json" | "parse";
}
export interface NodeStepManifest extends StepBase {
  readonly kind: "node";
  /** Neighbouring steps without outside effects may share one commit. */
  readonly pure?: boolean;
}
export interface BranchStepManifest extends StepBase {
  readonly kind: "branch";
  /** Steps of each route; an empty list goes straight on. */
  readonly routes: Readonly<Record<string, readonly StepManifest[]>>;
  /** The state field that receives the route: the one named like the step, where there is one. */
  readonly route_field?: string;
}

export interface TriggerManifest {
  readonly id: string;
  /** `on_demand`, `webhook:<source>_<name>`, `event:…`, `cron:…`. */
  readonly on: string;
}

export interface WorkflowManifest {
  readonly id: WorkflowId;
  readonly description?: string;
  readonly triggers: readonly TriggerManifest[];
  /** Time for one pass through the graph, waits not counted; milliseconds. */
  readonly timeout_ms?: number;
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
export type StepCode =
  | {
      readonly kind: "llm";
      prompt(state: State, ctx: NodeContext): LlmPrompt | Promise<LlmPrompt>;
      /** JSON Schema that a JSON reply must have; absent for text and `parse`. */
      readonly schema?: JsonSchema;
      /** Turns the reply's text into a patch. @throws OpenVibeError OV_LLM_OUTPUT_INVALID */
      read(reply: string, state: State): Patch;
    }
  | { readonly kind: "node"; run(state: State, ctx: NodeContext): Patch | void | Promise<Patch | void> }
  | { readonly kind: "branch"; choose(state: State, ctx: NodeContext): BranchChoice | Promise<BranchChoice> };

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
}
