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
export type { ChildFailure, ChildResult, ChildWorkflow, EachOptions, RunOptions } from "./child-steps.ts";
export type { CompiledGraph, GraphInput, GraphOutput } from "./graph-types.ts";
export { findJsonReply } from "./json-reply.ts";
export { type Operator, type OperatorOptions, operator } from "./operator.ts";
export type { HookCall, OperatorHooks } from "./operator-hooks.ts";
export type {
  AnyWorkflow,
  Chosen,
  EventWaitOptions,
  GraphOptions,
  HumanOptions,
  Into,
  LlmOptions,
  LoopOptions,
  Model,
  NodeOptions,
  PatchOf,
  RetryOptions,
  RouteTo,
  StepOptions,
  Steps,
  Text,
  WaitTime,
  WhenOption,
} from "./steps.ts";
export type { PacingOptions, Trigger, TriggerOptions } from "./triggers.ts";
export { type StateShape, type WorkflowOptions, workflow } from "./workflow.ts";
export type { InputOf, OutputOf, WorkflowIds, WorkflowInput, WorkflowOutput } from "./workflow-types.ts";
export type { LogicHandler, LogicHandlers } from "./yaml/handlers.ts";
