import type { CatchUp, ChildEnd, Control, Duration, JsonObject, LlmPrompt, NodeContext, Patch, State } from "@openvibe/core";
import type {
  ChildOptions,
  Condition,
  EachBounds,
  EventsAwaited,
  GraphBounds,
  LlmOptions,
  LoopBounds,
  NodeOptions,
  Question,
  StepOptions,
  WhenOption,
} from "./step-options.ts";
import type { WorkflowLife } from "./workflow-life.ts";

/** Where a chain keeps what was said so far; `operator` reads it. Not part of the public API. */
export const DRAFT: unique symbol = Symbol("openvibe.draft");

/** A workflow as it was written, types erased, nothing checked yet: that is `operator`'s work, which can name the operator. */
export interface WorkflowDraft {
  readonly id: string;
  readonly options: WorkflowSettings;
  readonly steps: readonly StepDraft[];
  /** Tells the chain of one workflow or arm from every other. */
  readonly origin: symbol;
}

export interface WorkflowSettings extends WorkflowLife {
  readonly state: unknown;
  /** With settings in YAML only. */
  readonly trigger?: string | TriggerSettings;
  readonly triggers?: Readonly<Record<string, string | TriggerSettings>>;
  readonly onComplete?: (state: State, ctx: NodeContext) => void | Promise<void>;
}

export interface TriggerSettings {
  readonly on: string;
  readonly filter?: JsonObject;
  readonly catchUp?: CatchUp;
  readonly debounce?: unknown;
  readonly batch?: unknown;
  readonly rate?: unknown;
  readonly singleton?: unknown;
  readonly concurrency?: unknown;
}

export type StepDraft = LlmDraft | NodeDraft | BranchDraft | LoopDraft | WaitDraft | HumanDraft | RunDraft | EachDraft | GraphDraft;

export interface LlmDraft {
  readonly kind: "llm";
  readonly name: string;
  readonly options: LlmSettings;
  /** Makes system and user at once, instead of `options`; the chain has none. */
  readonly prompt?: (state: State, ctx: NodeContext) => Promise<LlmPrompt>;
}

export interface LlmSettings extends LlmOptions<State> {
  readonly output?: string;
  readonly outputs?: readonly string[];
  readonly parse?: (reply: string, state: State) => Patch;
}

export interface NodeDraft {
  readonly kind: "node";
  readonly name: string;
  readonly run: (state: State, ctx: NodeContext) => Patch | Control | void | Promise<Patch | Control | void>;
  readonly options: NodeSettings;
}

export type NodeSettings = NodeOptions & WhenOption<State>;

type ChoiceDraft = string | { readonly route: string; readonly set?: Patch };

export interface LoopDraft {
  readonly kind: "loop";
  readonly name: string;
  readonly options: LoopSettings;
  /** `undefined` where it was no function that gave back the steps it was handed. */
  readonly body: readonly StepDraft[] | undefined;
}

/** Exactly one of the two is given, which is seen when it is loaded. */
export interface LoopSettings extends LoopBounds {
  readonly while?: Condition<State>;
  readonly until?: Condition<State>;
}

export interface WaitDraft {
  readonly kind: "wait";
  readonly name: string;
  readonly time: Duration | { readonly until: (state: State, ctx: NodeContext) => unknown } | EventWaitSettings;
  readonly options?: WhenOption<State>;
  /** `undefined` where `onTimeout` was no function that gave back the steps it was handed; absent where there is none. */
  readonly timedOut?: readonly StepDraft[] | undefined;
}

export interface EventWaitSettings extends EventsAwaited {
  readonly match?: Readonly<Record<string, (state: State, ctx: NodeContext) => unknown>>;
  readonly output?: string | Readonly<Record<string, string>>;
  readonly onTimeout?: unknown;
}

export interface HumanDraft {
  readonly kind: "human";
  readonly name: string;
  readonly options: HumanSettings;
  /** `undefined` where `onTimeout` was no function that gave back the steps it was handed; absent where there is none. */
  readonly timedOut?: readonly StepDraft[] | undefined;
}

export interface HumanSettings extends Question<State> {
  readonly default?: Patch;
  readonly onTimeout?: unknown;
}

/** Steps, another step by its name, or the end. */
export type RouteDraft = readonly StepDraft[] | { readonly goto: string } | { readonly end: true };

export interface GraphDraft {
  readonly kind: "graph";
  readonly name: string;
  /** What should be a compiled LangGraph graph. */
  readonly graph: unknown;
  readonly options: GraphSettings;
}

export interface GraphSettings extends GraphBounds<State> {
  readonly input?: (state: State, ctx: NodeContext) => unknown;
  readonly output?: string | ((result: unknown, state: State) => Patch | Promise<Patch>);
}

/** Which workflow the children are of, and how one is begun and ends. */
interface ChildSettings extends ChildOptions<State> {
  readonly workflow: string | { readonly [DRAFT]: WorkflowDraft };
  readonly output?: string;
}

export interface RunDraft {
  readonly kind: "run";
  readonly name: string;
  readonly options: RunSettings;
}

export interface RunSettings extends ChildSettings {
  readonly input?: (state: State, ctx: NodeContext) => unknown;
  readonly map?: (output: JsonObject, state: State) => Patch | Promise<Patch>;
  readonly onFailure?: "fail" | ((failure: ChildFailureDraft, state: State) => Patch | Promise<Patch>);
}

type ChildFailureDraft = Omit<ChildEnd, "output">;

export interface EachDraft {
  readonly kind: "each";
  readonly name: string;
  readonly options: EachSettings;
}

export interface EachSettings extends ChildSettings, EachBounds {
  readonly items: (state: State, ctx: NodeContext) => unknown;
  readonly input: (item: never, index: number, state: State) => unknown;
  readonly map?: (results: readonly never[], state: State) => Patch | Promise<Patch>;
  readonly onFailure?: "fail" | "skip" | "collect";
}

export interface BranchDraft {
  readonly kind: "branch";
  readonly name: string;
  readonly choose: (state: State, ctx: NodeContext) => ChoiceDraft | Promise<ChoiceDraft>;
  /** `undefined` where it was nothing that a route may be. */
  readonly routes: ReadonlyMap<string, RouteDraft | undefined>;
  readonly options: StepOptions;
}
