export type {
  AskOptions,
  ContextBucket,
  ContextEntry,
  Duration,
  HookEvent,
  HookHandler,
  HookType,
  JsonObject,
  JsonValue,
  KnownHook,
  LlmCall,
  NodeContext,
  NodeLog,
  OperatorDefinition,
  Run,
} from "@openvibe/core";
export {
  type AnyOperator,
  type Control,
  definitionOf,
  type End,
  end,
  goto,
  isOpenVibeError,
  OpenVibeError,
  type OperatorClass,
  sleep,
} from "@openvibe/core";
export type { AnswerOf, AnswersOf, CompletedRun, LooseJson } from "./answers.ts";
export type { AnyWorkflow } from "./any-workflow.ts";
export type { ChildFailure, ChildResult, ChildWorkflow, EachOptions, RunOptions } from "./child-steps.ts";
export type { CompiledGraph, GraphInput, GraphOutput } from "./graph-types.ts";
export { findJsonReply } from "./json-reply.ts";
export { type Operator, type OperatorOptions, operator } from "./operator.ts";
export type { HookCall, OperatorHooks } from "./operator-hooks.ts";
export type {
  GraphOptions,
  Into,
  LlmOptions,
  LoopOptions,
  Model,
  NodeOptions,
  PatchOf,
  RetryOptions,
  StepOptions,
  Text,
  WaitTime,
  WhenOption,
} from "./step-options.ts";
export type { Chosen, EventWaitOptions, HumanOptions, RouteTo, Steps } from "./steps.ts";
export type { PacingOptions, Trigger, TriggerOptions } from "./triggers.ts";
export { type StateShape, type WorkflowOptions, workflow } from "./workflow.ts";
export type { InputOf, OutputOf, WorkflowIds, WorkflowInput, WorkflowOutput } from "./workflow-types.ts";
export type { LogicHandler, LogicHandlers } from "./yaml/handlers.ts";
