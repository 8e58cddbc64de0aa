export {
  type Accepted,
  type Acceptor,
  type AcceptorDeps,
  type AcceptorFaults,
  type AcceptRequest,
  type Answer,
  type Catalogue,
  checkEventData,
  createAcceptor,
  type EventStart,
  type Liveness,
  type ResumeDeps,
  type Resumed,
  type Listening,
  type RunWaiter,
  resumeRun,
  type TriggeredWorkflow,
  type WaitOptions,
} from "./accept/index.ts";
export { toAskCause, toAskOrigin } from "./ask-origin.ts";
export { mayGoOn, toChildWait } from "./child-wait.ts";
export { createEngine, Engine, type EngineOptions } from "./engine.ts";
export { runFields } from "./log-fields.ts";
export { type RuntimeObserver, silentObserver, toRunEnd } from "./observer.ts";
export { patiently, pause } from "./patience.ts";
export type { PostedOptions } from "./posted-operators.ts";
export { publishOutbox } from "./publish-outbox.ts";
export { findHandlers, REGISTRY_BUCKET, REGISTRY_TTL_MS, type ServingInstance } from "./registry.ts";
export { type WakeByEventDeps, wakeByEvent } from "./wake-by-event.ts";
