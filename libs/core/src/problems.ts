/** Every code OpenVibe can answer with. A code is never renamed, and never reused with another meaning. */
export const PROBLEMS = {
  OV_BODY_REQUIRED: { status: 400, title: "A JSON body is required" },
  OV_JSON_INVALID: { status: 400, title: "The text is not valid JSON" },
  OV_DUPLICATE_KEY: { status: 400, title: "A JSON object has the same key twice" },
  OV_TOO_DEEP: { status: 400, title: "The JSON is nested too deeply" },
  OV_UTF8_INVALID: { status: 400, title: "The body is not valid UTF-8" },
  OV_RESERVED_KEY: { status: 400, title: "The JSON holds a reserved key" },
  OV_REQUEST_INVALID: { status: 400, title: "The request does not have the expected form" },
  OV_UNKNOWN_FIELD: { status: 400, title: "The request holds an unknown field" },
  OV_ID_INVALID: { status: 400, title: "An id does not have the allowed form" },
  OV_PARAMETER_INVALID: { status: 400, title: "A parameter is not allowed" },
  OV_IDEMPOTENCY_KEY_INVALID: { status: 400, title: "The Idempotency-Key does not have the allowed form" },
  OV_URL_NOT_ALLOWED: { status: 400, title: "The address may not be called" },
  OV_EVENT_ID_INVALID: { status: 400, title: "The Last-Event-ID is not in the form of a stream's ids" },
  OV_UNAUTHENTICATED: { status: 401, title: "A valid API key is required" },
  OV_SIGNATURE_INVALID: { status: 401, title: "The webhook is not signed as expected" },
  OV_FORBIDDEN: { status: 403, title: "The API key may not do this" },
  OV_HOOK_NOT_OPEN: { status: 403, title: "Webhooks of this source are not taken" },
  OV_ROUTE_NOT_FOUND: { status: 404, title: "There is nothing at this address" },
  OV_OPERATOR_NOT_FOUND: { status: 404, title: "Operator not found" },
  OV_TRIGGER_NOT_FOUND: { status: 404, title: "Trigger not found" },
  OV_WORKFLOW_NOT_FOUND: { status: 404, title: "Workflow not found" },
  OV_RUN_NOT_FOUND: { status: 404, title: "Run not found" },
  OV_EVENT_NOT_FOUND: { status: 404, title: "Event not found" },
  OV_HOOK_NOT_FOUND: { status: 404, title: "No workflow listens to this webhook" },
  OV_SUBSCRIPTION_NOT_FOUND: { status: 404, title: "Subscription not found" },
  OV_DELIVERY_NOT_FOUND: { status: 404, title: "Delivery not found" },
  OV_KEY_NOT_FOUND: { status: 404, title: "Context key not found" },
  OV_METHOD_NOT_ALLOWED: { status: 405, title: "The method is not allowed here" },
  OV_NOT_ACCEPTABLE: { status: 406, title: "The answer cannot have the wanted media type" },
  OV_REQUEST_TIMEOUT: { status: 408, title: "The request took too long to arrive" },
  OV_RUN_FINAL: { status: 409, title: "The run has already ended" },
  OV_RUN_NOT_WAITING: { status: 409, title: "The run is not waiting" },
  OV_RUN_NOT_RERUNNABLE: { status: 409, title: "The run cannot be run again so" },
  OV_RERUN_INVALID: { status: 422, title: "The changes do not fit the run or its workflow" },
  OV_RUN_NOT_REDRIVABLE: { status: 409, title: "The run cannot be redriven" },
  OV_SUBSCRIPTION_DISABLED: { status: 409, title: "The subscription is disabled" },
  OV_TOO_MANY_SUBSCRIPTIONS: { status: 409, title: "There are as many subscriptions as there may be" },
  OV_OPERATOR_IN_CODE: { status: 409, title: "The operator is defined by code" },
  OV_OPERATOR_IN_USE: { status: 409, title: "The operator has runs that have not ended" },
  OV_REVISION_CONFLICT: { status: 412, title: "The entry was changed by somebody else" },
  OV_BODY_TOO_LARGE: { status: 413, title: "The body is too large" },
  OV_URI_TOO_LONG: { status: 414, title: "The address is too long" },
  OV_MEDIA_TYPE_UNSUPPORTED: { status: 415, title: "The media type is not supported" },
  OV_INPUT_INVALID: { status: 422, title: "The input does not fit the workflow's state" },
  OV_DEADLINE_PAST: { status: 422, title: "The deadline is over" },
  OV_PRIORITY_UNKNOWN: { status: 422, title: "The priority is not one there is" },
  OV_IDEMPOTENCY_MISMATCH: { status: 422, title: "The Idempotency-Key was used with another request" },
  OV_HEADERS_TOO_LARGE: { status: 431, title: "The headers are too large" },
  OV_RATE_LIMITED: { status: 429, title: "Too many requests" },
  OV_BACKLOG_FULL: { status: 429, title: "The operator has too many queued runs" },
  OV_TOO_MANY_STREAMS: { status: 429, title: "Too many open streams" },
  OV_INTERNAL: { status: 500, title: "Something failed inside the server" },
  OV_BUS_UNAVAILABLE: { status: 503, title: "Message bus cannot be reached" },
  OV_BUS_FULL: { status: 503, title: "Message bus takes no more messages" },
  OV_STORE_UNAVAILABLE: { status: 503, title: "Store cannot be reached" },
  OV_STORE_IN_USE: { status: 503, title: "Store is held by another process" },
  OV_STORE_SCHEMA: { status: 503, title: "Store holds a schema this version does not know" },
  OV_BUS_CONFIG: { status: 503, title: "Message bus is not set up as OpenVibe needs it" },
  OV_OUTCOME_UNKNOWN: { status: 503, title: "It is not known whether the request took effect" },
  OV_STARTING: { status: 503, title: "The server is starting" },
  OV_SHUTTING_DOWN: { status: 503, title: "The server is shutting down" },
  OV_CONFIG_INVALID: { status: 500, title: "The configuration is wrong" },
  OV_DEFINITION_INVALID: { status: 422, title: "An operator is not defined correctly" },
  OV_PATCH_INVALID: { status: 422, title: "A node returned what cannot be kept in the state" },
  OV_STATE_TOO_LARGE: { status: 422, title: "The state is too large" },
  OV_ROUTE_UNKNOWN: { status: 422, title: "A branch chose a route that does not exist" },
  OV_NODE_FAILED: { status: 422, title: "A node failed" },
  OV_NODE_TIMEOUT: { status: 504, title: "A node took too long" },
  OV_RUN_TIMEOUT: { status: 504, title: "The run took too long" },
  OV_RUN_CANCELLED: { status: 409, title: "The run was cancelled" },
  OV_RUN_ABANDONED: { status: 500, title: "Five workers in a row fell silent with this run" },
  OV_RUN_LOST: { status: 500, title: "The run was lost with its worker" },
  OV_RUN_UNSTORABLE: { status: 500, title: "The store refuses this run's data" },
  OV_RUN_NOT_COMPLETED: { status: 422, title: "The asked run did not complete" },
  OV_DEFINITION_UNKNOWN: { status: 409, title: "The run stands before a step that its definition has not" },
  OV_EVENT_TYPE_INVALID: { status: 422, title: "An event type is not allowed" },
  OV_LLM_OUTPUT_INVALID: { status: 422, title: "The model's answer does not fit" },
  OV_LLM_REFUSED: { status: 422, title: "The model refused to answer" },
  OV_LLM_TRUNCATED: { status: 422, title: "The model's answer was cut off" },
  OV_LLM_UNAVAILABLE: { status: 503, title: "The model cannot be reached" },
  OV_LLM_RATE_LIMITED: { status: 429, title: "The model's vendor limits the rate" },
  OV_LLM_TIMEOUT: { status: 504, title: "The model took too long" },
  OV_LLM_RESPONSE_INVALID: { status: 502, title: "The model's vendor answered something unexpected" },
  OV_LLM_REQUEST_REFUSED: { status: 502, title: "The model's vendor refused the request" },
  OV_LLM_AUTH: { status: 502, title: "The model's vendor refused the key" },
  OV_MODEL_UNKNOWN: { status: 422, title: "The model is not known" },
  OV_LOOP_LIMIT: { status: 500, title: "A loop did not end within its passes" },
  OV_ANSWER_TIMEOUT: { status: 504, title: "Nobody answered in time" },
  OV_ANSWER_INVALID: { status: 422, title: "The answer is not what was asked for" },
  OV_CHILD_FAILED: { status: 422, title: "A child run did not complete" },
  OV_CHILD_DEPTH: { status: 500, title: "Runs are nested too deeply" },
  OV_EVENT_LOOP: { status: 500, title: "Runs follow from each other without end" },
  OV_ITEMS_LIMIT: { status: 422, title: "A list has more items than its step allows" },
  OV_NO_RESPONDER: { status: 503, title: "Nobody answers this request" },
  OV_ASK_TIMEOUT: { status: 504, title: "The asked operator did not answer in time" },
  OV_ASK_FAILED: { status: 502, title: "The asked operator answered with an error" },
} as const satisfies Record<`OV_${Uppercase<string>}`, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Where in the caller's data something is wrong: a JSON pointer (RFC 6901) and what is allowed there. */
export interface ProblemDetail {
  readonly pointer: string;
  readonly detail: string;
}

export interface OpenVibeErrorOptions {
  readonly cause?: unknown;
  readonly errors?: readonly ProblemDetail[];
  /** Members added to the problem's body, such as `run` or `allowed`. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** What the caller should wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The one error class: a code for programs, a sentence with the ids for people. Holds no secrets and no prompt text. */
export class OpenVibeError extends Error {
  override readonly name = "OpenVibeError";
  readonly code: ProblemCode;
  readonly errors: readonly ProblemDetail[];
  readonly extra: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProblemCode, message: string, options: OpenVibeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.errors = options.errors ?? [];
    this.extra = options.extra ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function isOpenVibeError(error: unknown, ...codes: readonly ProblemCode[]): error is OpenVibeError {
  return error instanceof OpenVibeError && (codes.length === 0 || codes.includes(error.code));
}

/** Body of an HTTP error (RFC 9457); `code` is ours and stable. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance?: string;
  readonly code: ProblemCode;
  readonly errors?: readonly ProblemDetail[];
  readonly [extension: string]: unknown;
}

export function toProblem(error: OpenVibeError, instance?: string): Problem {
  const { status, title } = PROBLEMS[error.code];
  return {
    ...error.extra,
    type: `https://openvibe.dev/problems/${error.code.slice(3).toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    detail: error.message,
    ...(instance === undefined ? {} : { instance }),
    code: error.code,
    ...(error.errors.length === 0 ? {} : { errors: error.errors }),
  };
}

/** What is kept in a run's `error`: enough for a person and a program, no stack. */
export interface RunError {
  readonly code: ProblemCode;
  readonly message: string;
  readonly node_id?: string;
}

/** Turns whatever was thrown (an error, a string, `null`) into a run's error. */
export function toRunError(thrown: unknown, fallback: ProblemCode, nodeId?: string): RunError {
  const code = thrown instanceof OpenVibeError ? thrown.code : fallback;
  return { code, message: messageOf(thrown), ...(nodeId === undefined ? {} : { node_id: nodeId }) };
}

/** A readable sentence of anything thrown; never empty, never `[object Object]`, and it never throws itself. */
export function messageOf(thrown: unknown): string {
  try {
    return wordsOf(thrown);
  } catch {
    return `the code threw a value of type ${typeof thrown}`; // a cycle, a getter that throws, a revoked proxy
  }
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    if (typeof thrown.message === "string" && thrown.message !== "") return thrown.message;
    // Node says so when none of a host's addresses answers, and leaves the reasons inside.
    if (thrown instanceof AggregateError && thrown.errors.length > 0) return messageOf(thrown.errors[0]);
    return typeof thrown.name === "string" && thrown.name !== "" ? thrown.name : "the code threw an error without a message";
  }
  if (typeof thrown === "string" && thrown !== "") return thrown;
  if (thrown === null || thrown === undefined || thrown === "") return `the code threw ${thrown === "" ? "an empty text" : String(thrown)}`;
  return `the code threw ${JSON.stringify(thrown).slice(0, 500)}`;
}
