/// <reference lib="esnext.disposable" preserve="true" />
export { allSteps } from "./all-steps.ts";
export { canonicalJson } from "./canonical-json.ts";
export { type Clock, LAST_TIME, systemClock, toIso } from "./clock.ts";
export { atCodePlace, type CodePlace, findCodePlace } from "./code-place.ts";
export { CONTEXT_EVENT_TYPES, type ContextChange, findCausingRun, findContextEventId, toContextEvent } from "./context-event.ts";
export { CONTEXT_BUCKET_PATTERN, type ContextTrigger, findContextTrigger, matchesKey } from "./context-trigger.ts";
export { Control, type End, end, goto, isControl, type Onward, sleep } from "./control.ts";
export { type CatchUp, type CronTrigger, cronOrigin, findCronFault, findCronTrigger } from "./cron-trigger.ts";
export { MAX_EVENT_DATA_BYTES, type SplitEvent, splitData } from "./dataref.ts";
export {
  type AnswerCode,
  type BranchChoice,
  type BranchStepManifest,
  type BroughtGraph,
  type ChildEnd,
  type EachStepManifest,
  type EventWaitManifest,
  type GraphStepCode,
  type GraphStepManifest,
  type HookCode,
  type HumanStepManifest,
  type LlmPrompt,
  type LlmStepManifest,
  type LoopStepManifest,
  manifestVersion,
  type NodeStepManifest,
  type OperatorDefinition,
  type OperatorManifest,
  type Patch,
  type RetryManifest,
  type RouteManifest,
  type RunStepManifest,
  type State,
  type StepCode,
  type StepManifest,
  type TriggerManifest,
  type WaitStepManifest,
  type WorkflowCode,
  type WorkflowManifest,
} from "./definition.ts";
export { type Duration, parseDuration } from "./duration.ts";
export { passesFilter } from "./event-filter.ts";
export { matchKeyIn, matchKeyOf } from "./event-match.ts";
export { parseEventPattern, toTypeMatcher } from "./event-pattern.ts";
export { batchOrigin, type EventTrigger, eventOrigin, findEventTrigger, triggersOn } from "./event-trigger.ts";
export {
  EVENT_TYPE_PATTERN,
  isEventType,
  isTerminalEventType,
  LIVE_EVENT_TYPES,
  type LiveEvent,
  type OpenVibeEvent,
  type Outbox,
  OWN_EVENT_TYPES,
  OWN_EVENT_WORDS,
  type OwnEventType,
  type OwnEventWord,
  type PendingEvent,
  parsePublishedType,
  sourceOf,
  TERMINAL_EVENT_TYPES,
  terminalEventType,
  toCloudEvent,
  toEvent,
} from "./events.ts";
export { type Finding, failFinding, okFinding, warnFinding } from "./finding.ts";
export {
  type HookEvent,
  type HookHandler,
  type HookName,
  type HookType,
  type KnownHook,
  parseHookType,
  toHookedType,
} from "./hook-event.ts";
export {
  ID_PATTERN,
  isId,
  type NodeId,
  newInstanceId,
  newRunId,
  newToken,
  type OperatorId,
  type OwnerId,
  parseId,
  type RunId,
  type WorkflowId,
} from "./ids.ts";
export { armOf, innerSteps, isArm } from "./inner-steps.ts";
export {
  findJsonFault,
  isPlainObject,
  type JsonFault,
  type JsonObject,
  type JsonSchema,
  type JsonValue,
  MAX_JSON_DEPTH,
  pointerToken,
} from "./json.ts";
export { type Logger, silentLogger } from "./logger.ts";
export { findManifestFault } from "./manifest-fault.ts";
export { didYouMean, nearestName, nearestNames } from "./nearest-names.ts";
export type { AskOptions, ContextBucket, ContextEntry, LlmCall, NodeContext, NodeLog } from "./node-context.ts";
export { type AnyOperator, defineOperatorClass, definitionOf, findOperatorClass, type OperatorClass } from "./operator-class.ts";
export type { RunOverrides } from "./overrides.ts";
export { findPacing, isPacingKnown, MAX_BATCH, MAX_REQUEST_RATE, PACINGS, type Pacing, pacingKey, type SingletonMode } from "./pacing.ts";
export type { Parked } from "./parked.ts";
export { type LoopPosition, parsePosition, writePosition } from "./position.ts";
export {
  isOpenVibeError,
  messageOf,
  OpenVibeError,
  type OpenVibeErrorOptions,
  PROBLEMS,
  type Problem,
  type ProblemCode,
  type ProblemDetail,
  type RunError,
  toProblem,
  toRunError,
} from "./problems.ts";
export { parseRfc3339 } from "./rfc3339.ts";
export { type Interrupt, NO_METRICS, type Run, type RunMetrics, type Tags, toRunBody } from "./run.ts";
export {
  type AskCause,
  checkHops,
  type EventCause,
  findLoop,
  MAX_HOPS,
  type RunCause,
  type TriggerEvent,
  toTriggerEvent,
} from "./run-cause.ts";
export {
  BEAT_EVERY_MS,
  type Deliverer,
  MAX_SILENT_CLAIMS,
  PUT_BACK_MS,
  type RowView,
  type Settlement,
  SILENT_AFTER_MS,
  STEADY_FOR_MS,
  STEADY_GAP_MS,
  SWEEP_AFTER_MS,
  settle,
} from "./run-machine.ts";
export { type FinalStatus, isFinal, RUN_STATUSES, RunStatus } from "./run-status.ts";
export { skewFinding } from "./skew-finding.ts";
export { Slab, SlabMap } from "./slab.ts";
export type { StepRecord } from "./step-record.ts";
export { CLOSE_DOWN_MS, DRAIN_TIMEOUT_MS } from "./stop-times.ts";
export { parseStrictJson } from "./strict-json.ts";
export {
  ACTIVATE,
  BEGIN_RUN,
  type ActivationSubject,
  ANY,
  CONTROL_VERBS,
  type ControlVerb,
  DEAD_LETTER_REASONS,
  type DeadLetterReason,
  NONE,
  subjects,
  typeToken,
} from "./subjects.ts";
export { parseTraceparent, traceIdOf } from "./trace-context.ts";
export { valueAt } from "./value-at.ts";
export { MAIN_LANE, parseActivationSubject, WakeKind, type WakeUp } from "./wake-up.ts";
