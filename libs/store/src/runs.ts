import type {
  FinalStatus,
  Interrupt,
  JsonObject,
  OperatorId,
  Outbox,
  OwnerId,
  PendingEvent,
  RowView,
  Run,
  RunCause,
  RunError,
  RunId,
  RunMetrics,
  RunOverrides,
  RunStatus,
  State,
  StepRecord,
  Tags,
  WakeKind,
  WorkflowId,
} from "@openvibe/core";

/** A run to be accepted. */
export interface NewRun {
  readonly runId: RunId;
  readonly operatorId: OperatorId;
  readonly workflowId: WorkflowId;
  readonly trigger: string;
  readonly definition: string;
  readonly input: JsonObject;
  readonly ignoredInput: readonly string[];
  readonly tags: Tags;
  /** Milliseconds since 1970: not ended by then, the run times out. */
  readonly deadline?: number;
  /** Scoped to the principal and the route by the caller; unique. */
  readonly idempotencyKey?: string;
  /** Of the request: the same key with another fingerprint is a mistake of the caller. */
  readonly fingerprint?: string;
  /** The cause (`cron:…`, `event:…`, `hook:…`, `ask:…`); unique: the insert is the claim on it. */
  readonly origin?: string;
  readonly parentRunId?: RunId;
  readonly rerunOf?: RunId;
  /** Of a rerun; absent where it does nothing otherwise, which then costs nothing. */
  readonly overrides?: RunOverrides;
  /** W3C trace context of the request. */
  readonly traceparent?: string;
  /** The event or question that starts it. */
  readonly cause?: RunCause;
  /** Ask: the run begins in the hands of this process (`running`, attempt 1), without a wake-up. */
  readonly claimedBy?: OwnerId;
  /** `run.queued`, as the outbox's first event. */
  readonly event: PendingEvent;
  /** With `claimedBy`: `run.started`, the second. */
  readonly started?: PendingEvent;
}

/** A run in the hands of its owner. */
export interface ClaimedRun {
  readonly run: Run;
  /** Newest committed state; `null` before the first step. */
  readonly state: State | null;
  /** Where to go on: a step's id, or `null` for the first step. */
  readonly position: string | null;
  readonly outbox: Outbox;
  /** Kind and body of the wake-up that is being answered. */
  readonly wakeKind: WakeKind;
  readonly wakeBody: JsonObject | null;
  /** Claims of this wake-up that ended in silence with no step between, this one not counted. */
  readonly silentClaims: number;
  /** The event or question that started the run. */
  readonly cause?: RunCause;
  /** Of a rerun that does something otherwise. */
  readonly overrides?: RunOverrides;
}

export type ClaimResult = { readonly claimed: ClaimedRun } | { readonly claimed: undefined; readonly row: RowView | undefined };

/** One write of a run's owner: a step, a park, a terminal state. Refused when another attempt owns the run or a cancel is asked for. */
export interface RunWrite {
  readonly runId: RunId;
  readonly attempt: number;
  /** Number of this write within the run, counted from 1 by the owner; the same write asked again (after a lost answer) is accepted again. */
  readonly step: number;
  readonly status: Extract<RunStatus, "running" | "waiting"> | FinalStatus;
  readonly state: State;
  /** What the run was given, as the claim gave it: what `state` holds of it unchanged need not be written again. */
  readonly input?: JsonObject;
  /** The next step's id; `null` at the end. */
  readonly position: string | null;
  readonly metrics: RunMetrics;
  /** What is not yet confirmed by the log, this write's events at the end. Replaces the stored outbox. */
  readonly outbox: Outbox;
  readonly output?: JsonObject;
  readonly error?: RunError;
  readonly interrupt?: Interrupt;
  /** When a `waiting` run is woken by the clock of the store: after so many milliseconds, or at a time (milliseconds since 1970). Never when absent. */
  readonly due?: { readonly afterMs: number } | { readonly at: number };
  /** What the steps did that this write ends: kept with it, both or neither. Absent where no history is kept, which then costs nothing. */
  readonly history?: readonly StepRecord[];
  /** Called with the time of the end, by the store's clock, as soon as it is committed; not where the answer was lost and the write asked again. */
  readonly onEnd?: (completedAt: number) => void;
}

export type WriteVerdict = "committed" | "stale" | "cancel_requested";

export type CancelResult =
  /** It was queued or waiting and is cancelled now; its outbox holds `run.cancelled`. */
  | { readonly did: "cancelled"; readonly run: Run; readonly outbox: Outbox }
  /** It is running: its owner has been flagged and will end it. */
  | { readonly did: "requested"; readonly run: Run }
  | { readonly did: "already_final"; readonly run: Run }
  | { readonly did: "not_found" };

export interface RunFilter {
  readonly operatorId?: OperatorId;
  readonly workflowId?: WorkflowId;
  readonly trigger?: string;
  /** Only its children. */
  readonly parentRunId?: RunId;
  /** One of these. */
  readonly statuses?: readonly RunStatus[];
  /** All of these: names and their texts. */
  readonly tags?: readonly (readonly [name: string, text: string])[];
  /** Accepted at this time or later, and before that one; milliseconds since 1970. */
  readonly createdFrom?: number;
  readonly createdBefore?: number;
}

/** Newest first, runs of one millisecond by their ids. `before` is the last run of the page before. */
export interface RunPage {
  readonly limit: number;
  readonly before?: { readonly createdAt: number; readonly runId: RunId };
}

export interface WakeRequest {
  readonly runId: RunId;
  /** The wake number that the caller has seen while the run was waiting. */
  readonly seen: number;
  readonly kind: WakeKind;
  readonly body: JsonObject | null;
  /** The caller's own token: after a lost answer the same request finds itself the winner. */
  readonly wakeId: string;
  readonly event: PendingEvent;
}

/**
 * The truth about runs (DESIGN §6). Every method retries what may be retried (deadlock, serialization failure, lost connection) and throws
 * OV_STORE_UNAVAILABLE when the store does not answer in time; a write then may or may not have happened, and may be asked again.
 */
export interface RunStore {
  /** Rule 1: the insert is the claim on a cause. When it inserts nothing, gives the run that has this id, key or origin. */
  insert(run: NewRun): Promise<{ readonly inserted: boolean; readonly run: Run; readonly fingerprint: string | null }>;
  /**
   * Rule 3: takes a run that is queued, or running without a live owner. Raises `attempt`. A refused claim gives the row as it is.
   * `started` (`run.started`) is appended to the outbox by the first claim of a run, so that it is told before the first step ends.
   */
  claim(request: {
    readonly runId: RunId;
    readonly wake: number;
    readonly owner: OwnerId;
    readonly started?: PendingEvent;
  }): Promise<ClaimResult>;
  /** Rule 4: a step is committed before the next one starts. */
  write(write: RunWrite): Promise<WriteVerdict>;
  /** Ends a run whose cancel was asked for: accepted where `write` says `cancel_requested`. */
  writeCancelled(write: Omit<RunWrite, "status">): Promise<WriteVerdict>;
  /** Gives a running run back: no owner, same wake. `false` when it is not mine (any more). */
  release(request: { readonly runId: RunId; readonly attempt: number; readonly owner: OwnerId }): Promise<boolean>;
  /** Says that all events up to `sequence` are in the log; clears the outbox when those are all it holds. */
  markSent(request: { readonly runId: RunId; readonly sequence: number }): Promise<void>;
  /** Rule 2: `true` for the one caller that wins; the run is `queued` with the next wake number. */
  wake(request: WakeRequest): Promise<boolean>;
  cancel(request: { readonly operatorId: OperatorId; readonly runId: RunId; readonly event: PendingEvent }): Promise<CancelResult>;
  find(runId: RunId): Promise<Run | undefined>;
  /** What a rerun does otherwise; `undefined` of a run that does nothing otherwise. */
  findOverrides(runId: RunId): Promise<RunOverrides | undefined>;
  /** The run that holds this idempotency key, also when it was purged, and what it was asked for with. */
  findByKey(idempotencyKey: string): Promise<{ readonly run: Run; readonly fingerprint: string | null } | undefined>;
  /** The unpublished events of a run. */
  findOutbox(runId: RunId): Promise<{ readonly run: Run; readonly outbox: Outbox } | undefined>;
  /** The event or question that started a run; `undefined` where none did. */
  findCause(runId: RunId): Promise<RunCause | undefined>;
  /** How many events in a row led to a run, or to the one it is a child of; 0 where none did, and for a run that is not there (any more). */
  countHops(runId: RunId): Promise<number>;
  list(filter: RunFilter, page: RunPage): Promise<readonly Run[]>;
  /** How many runs are `queued`, by operator; an operator without any is left out. Costs as much as there are runs in flight. */
  countQueued(): Promise<ReadonlyMap<OperatorId, number>>;
  /** Whether a run with this key or origin was accepted before, also one that is purged by now: then `insert` would insert nothing. */
  hasCause(cause: Pick<NewRun, "idempotencyKey" | "origin">): Promise<boolean>;
}
