import type { JsonValue, OperatorId, RunId } from "@openvibe/core";

export interface RequestEnvelope {
  readonly body: JsonValue;
  /** Unique per thing asked: a repeat of the same ask by a re-run node finds the first one's run. */
  readonly askId: string;
  /** Milliseconds since 1970: after this nobody waits for the answer any more. */
  readonly deadlineAt: number;
  readonly traceparent?: string;
  /** Events and questions in a row that led to this one, itself counted; none were counted where a program from outside asks. */
  readonly hops?: number;
  /** Asked by a run that waits for the answer without a worker: what is begun is its child, and is answered by its id at once. */
  readonly child?: ChildOf;
}

export interface ChildOf {
  readonly parentRunId: RunId;
  /** Milliseconds since 1970: when the child is to have ended. */
  readonly deadline: number;
}

/** An operator as one process serves it. */
export interface ServedHere {
  readonly operatorId: OperatorId;
  /** Of the process; unique. */
  readonly instance: string;
  /** Of the operator. */
  readonly version: string;
  readonly description: string;
  /** What `answer` is called for. */
  readonly capabilities: readonly string[];
}

/** Request and reply between operators: one of those who answer gets it, at most once; nothing is kept. */
export interface Requests {
  /**
   * @throws OpenVibeError OV_NO_RESPONDER (at once when nobody answers for it), OV_ASK_TIMEOUT (after `deadlineAt`), OV_ASK_FAILED (the answerer's
   * error, its `detail` in the message), OV_BUS_UNAVAILABLE
   */
  ask(operatorId: OperatorId, capability: string, request: RequestEnvelope, signal?: AbortSignal): Promise<JsonValue>;
  /** Answers from now on until disposed. What `answer` throws goes back as an error. Several answerers share the requests. */
  answer(operatorId: OperatorId, capability: string, answer: (request: RequestEnvelope) => Promise<JsonValue>): Promise<AsyncDisposable>;
  /** Answers for every operator, also for those that there are not: for a capability that no operator answers by itself. Several share the requests. */
  answerForAll(
    capability: string,
    answer: (operatorId: OperatorId, request: RequestEnvelope) => Promise<JsonValue>,
  ): Promise<AsyncDisposable>;
  /** Shows the operator to whoever looks with the broker's own tools, until disposed; a bus without such tools has nothing to do. @throws OpenVibeError OV_BUS_UNAVAILABLE */
  announce(served: ServedHere): Promise<AsyncDisposable>;
}
