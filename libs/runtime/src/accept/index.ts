export {
  type Accepted,
  type Acceptor,
  type AcceptorDeps,
  type AcceptorFaults,
  type AcceptRequest,
  createAcceptor,
} from "./acceptor.ts";
export type { Catalogue, TriggeredWorkflow } from "./catalogue.ts";
export type { Liveness } from "./liveness.ts";
export type { RerunChanges } from "./rerun-body.ts";
export { type Answer, type ResumeDeps, type Resumed, resumeRun } from "./resume.ts";
export type { Listening, RunWaiter, WaitOptions } from "./run-waiter.ts";
export { checkEventData, type EventStart } from "./start-by-event.ts";
