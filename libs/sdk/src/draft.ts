import type { Duration, NodeContext, Patch, State } from "@openvibe/core";

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

export interface WorkflowSettings {
  readonly state: unknown;
  readonly description?: string;
  readonly trigger?: string;
  readonly triggers?: Readonly<Record<string, string>>;
  readonly timeout?: Duration;
  readonly onComplete?: (state: State, ctx: NodeContext) => void | Promise<void>;
}

export type StepDraft = LlmDraft | NodeDraft | BranchDraft;

export interface LlmDraft {
  readonly kind: "llm";
  readonly name: string;
  readonly options: LlmSettings;
}

export type TextSetting = string | ((state: State, ctx: NodeContext) => string | Promise<string>);

export interface LlmSettings {
  readonly model: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly system?: TextSetting;
  readonly user: TextSetting;
  readonly output?: string;
  readonly outputs?: readonly string[];
  readonly parse?: (reply: string, state: State) => Patch;
  readonly timeout?: Duration;
  readonly attempts?: number;
  readonly retries?: number;
}

export interface NodeDraft {
  readonly kind: "node";
  readonly name: string;
  readonly run: (state: State, ctx: NodeContext) => Patch | void | Promise<Patch | void>;
  readonly options: { readonly timeout?: Duration; readonly pure?: boolean };
}

type ChoiceDraft = string | { readonly route: string; readonly set?: Patch };

export interface BranchDraft {
  readonly kind: "branch";
  readonly name: string;
  readonly choose: (state: State, ctx: NodeContext) => ChoiceDraft | Promise<ChoiceDraft>;
  /** `undefined` where the arm was neither `null` nor a function that gave back the steps it was handed. */
  readonly routes: ReadonlyMap<string, readonly StepDraft[] | undefined>;
  readonly options: { readonly timeout?: Duration };
}
