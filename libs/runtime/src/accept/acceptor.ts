import type { Bus } from "@openvibe/bus";
import {
  type Clock,
  isFinal,
  type JsonObject,
  type Logger,
  OpenVibeError,
  type OperatorId,
  RUN_STATUSES,
  type Run,
  type RunCause,
  type RunId,
  type RunOverrides,
  RunStatus,
  type Tags,
  toIso,
  WakeKind,
} from "@openvibe/core";
import type { NewRun, Store } from "@openvibe/store";
import { type ActivationBody, parseActivationBody } from "./activation-body.ts";
import { createAdmission } from "./admission.ts";
import { type Catalogue, createCatalogue, type TriggeredWorkflow } from "./catalogue.ts";
import { checkJson } from "./check-json.ts";
import { createEagerStart } from "./eager-start.ts";
import { parseIdempotencyKey, type RequestKey, toRequestKey } from "./idempotency.ts";
import { createLiveness, type Liveness } from "./liveness.ts";
import { type RunRequest, toNewRun, toQueuedRun } from "./new-run.ts";
import { refusal } from "./refusal.ts";
import { admitByRate, findRequestRate } from "./request-rate.ts";
import { checkRerunnable, inputOf, toOverrides } from "./rerun.ts";
import { parseRerunBody, type RerunChanges } from "./rerun-body.ts";
import { createRunWaiter, type RunWaiter } from "./run-waiter.ts";
import { type EventStart, toEventRun } from "./start-by-event.ts";
import { parseTags } from "./tags.ts";

export interface AcceptRequest {
  readonly operatorId: OperatorId;
  /** Id of a trigger, or of a workflow. */
  readonly trigger: string;
  readonly input: JsonObject;
  readonly tags?: Tags;
  /** When the run times out wherever it stands, in milliseconds since 1970; without it only the workflow's own `timeout` counts. */
  readonly deadline?: number;
  /** As the caller gave it, bare or quoted. */
  readonly idempotencyKey?: string;
  /** Whose the idempotency key is; `code` by default. */
  readonly principal?: string;
  /** The cause, where it may only start one run (`cron:…`, `event:…`, `hook:…`). */
  readonly origin?: string;
  readonly parentRunId?: RunId;
  /** W3C trace context of whoever asks, as `parseTraceparent` gave it. */
  readonly traceparent?: string;
  /** What it follows from, where that is counted. */
  readonly cause?: RunCause;
  /** Its end is waited for next, by `waiter`. */
  readonly awaited?: boolean;
}

export interface RedriveRequest {
  /** A run that ended without having completed. */
  readonly run: Run;
  /** As the caller gave it, bare or quoted. */
  readonly idempotencyKey?: string;
  /** Whose the idempotency key is. */
  readonly principal: string;
}

export interface RerunRequest extends Omit<RedriveRequest, "run"> {
  /** A run that has ended, however. */
  readonly run: Run;
  readonly changes: RerunChanges;
}

export interface Accepted {
  readonly run: Run;
  /** The run was there already: the same key, or the same cause. */
  readonly replayed: boolean;
  /** `no_worker`: nobody serves the operator now; the run waits for somebody. */
  readonly warnings: readonly string[];
}

/** Accepts activations, whatever door they came through (DESIGN §6 rule 1). Disposing waits for the wake-ups that are being published. */
export interface Acceptor extends AsyncDisposable {
  readonly catalogue: Catalogue;
  readonly liveness: Liveness;
  readonly waiter: RunWaiter;
  /** Reads what a caller sent, whatever the door. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD, OV_PRIORITY_UNKNOWN */
  parse(body: unknown): ActivationBody;
  /**
   * Resolves once the run is stored: then it will end, whatever the bus does.
   * @throws OpenVibeError OV_OPERATOR_NOT_FOUND, OV_TRIGGER_NOT_FOUND, OV_INPUT_INVALID, OV_REQUEST_INVALID (tags), OV_DEADLINE_PAST, OV_RESERVED_KEY,
   * OV_TOO_DEEP, OV_JSON_INVALID, OV_IDEMPOTENCY_KEY_INVALID, OV_IDEMPOTENCY_MISMATCH, OV_BACKLOG_FULL, OV_RATE_LIMITED (the trigger's rate), OV_STORE_UNAVAILABLE (it is not known whether the run was stored: ask again with the same key)
   */
  accept(request: AcceptRequest): Promise<Accepted>;
  /**
   * Makes a new run of one that did not complete: same workflow, trigger, input and tags, by the operator's current definition.
   * @throws OpenVibeError OV_RUN_NOT_REDRIVABLE, OV_OPERATOR_NOT_FOUND, OV_TRIGGER_NOT_FOUND, OV_INPUT_INVALID, OV_IDEMPOTENCY_KEY_INVALID,
   * OV_STORE_UNAVAILABLE
   */
  redrive(request: RedriveRequest): Promise<Accepted>;
  /**
   * Makes the run that an event starts; the same event and trigger again give that run. Not bounded by the backlog: the event is accepted already.
   * @throws OpenVibeError OV_REQUEST_INVALID, OV_RUN_UNSTORABLE (no run can be made of it), OV_STORE_UNAVAILABLE
   */
  startByEvent(start: EventStart): Promise<Pick<Accepted, "run" | "replayed">>;
  /** Reads what a caller sent. @throws OpenVibeError OV_REQUEST_INVALID, OV_UNKNOWN_FIELD, OV_RESERVED_KEY, OV_TOO_DEEP, OV_JSON_INVALID */
  parseRerun(body: unknown): RerunChanges;
  /**
   * Makes a new run of one that has ended: from its start or from a step, with another state, other input, models or prompts, by the operator's current definition.
   * @throws OpenVibeError OV_RUN_NOT_RERUNNABLE, OV_RERUN_INVALID, and as `redrive`
   */
  rerun(request: RerunRequest): Promise<Accepted>;
}

/** Breaks promises on purpose, so that the fault tests can show that they would notice. */
export interface AcceptorFaults {
  /** Answers before the insert commits. */
  readonly answerBeforeInsert?: boolean;
  /** Ends the process between the insert and the wake-up's publishing. */
  readonly exitAfterInsert?: boolean;
}

export interface AcceptorDeps {
  readonly store: Pick<Store, "runs" | "manifests" | "history" | "heldEvents">;
  readonly bus: Pick<Bus, "queue" | "buckets" | "signals" | "requests">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Queued runs per operator, beyond which new ones are refused; 10,000 by default. Approximate: see `Admission`. */
  readonly maxBacklog?: number;
  /** Whether a new run is handed to a worker that has room, where one answers at once; `true` by default. Else all go by the queue. */
  readonly eagerStart?: boolean;
  /** Tests only. */
  readonly faults?: AcceptorFaults;
}

/** How long an answer may be held back to learn who is alive, when that is not known at all. */
const LIVENESS_WAIT_MS = 100;
const MAX_BACKLOG = 10_000;

export function createAcceptor({
  store,
  bus,
  clock,
  logger,
  maxBacklog = MAX_BACKLOG,
  eagerStart = true,
  faults = {},
}: AcceptorDeps): Acceptor {
  const catalogue = createCatalogue({ manifests: store.manifests, clock, logger });
  const liveness = createLiveness({ buckets: bus.buckets, clock, logger });
  const admission = createAdmission({ runs: store.runs, clock, logger, maxBacklog });
  const waiter = createRunWaiter({ runs: store.runs, signals: bus.signals, logger });
  const startEagerly = eagerStart ? createEagerStart({ requests: bus.requests, clock, logger }) : undefined;
  const publishing = new Set<Promise<unknown>>();

  /** Not awaited for the answer: what does not get through is published by the sweep. */
  const publishWakeUp = ({ operatorId, runId }: Run) => {
    const published = bus.queue
      .publish({ operatorId, runId, kind: WakeKind.Start, wake: 0 })
      .catch((err) => logger.warn({ run_id: runId, operator_id: operatorId, err }, "a new run's wake-up is left to the sweep"))
      .finally(() => publishing.delete(published));
    publishing.add(published);
  };

  const insert = async (newRun: NewRun, awaited = false): Promise<{ readonly run: Run; readonly replayed: boolean }> => {
    if (faults.answerBeforeInsert === true) {
      void store.runs.insert(newRun).then(
        ({ run }) => publishWakeUp(run),
        (err) => logger.error({ err }, "lost by the fault switched on"),
      );
      return { run: toQueuedRun(newRun, clock.now()), replayed: false };
    }
    const begun = await startEagerly?.(newRun, { awaited });
    if (begun !== undefined) return { run: begun, replayed: false };
    const { inserted, run, fingerprint } = await store.runs.insert(newRun);
    // Our own id, though nothing was inserted: the answer of a first try was lost.
    const ours = inserted || run.runId === newRun.runId;
    if (ours) {
      if (faults.exitAfterInsert === true) process.kill(process.pid, "SIGKILL");
      publishWakeUp(run);
    } else if (newRun.fingerprint !== undefined && newRun.fingerprint !== fingerprint) {
      throw new OpenVibeError(
        "OV_IDEMPOTENCY_MISMATCH",
        `this Idempotency-Key was used for run ${run.runId}, with another trigger, input, tags or deadline; a new request needs a new key`,
      );
    }
    return { run, replayed: !ours };
  };

  /** A request that was accepted before stays accepted, whatever has changed since: its deadline may be over, its input no longer fit. */
  const insertOrReplay = async (key: RequestKey | undefined, prepare: () => Promise<NewRun>, awaited: boolean) => {
    let newRun: NewRun;
    try {
      newRun = await prepare();
    } catch (error) {
      const before = key === undefined ? undefined : await store.runs.findByKey(key.idempotencyKey);
      if (before === undefined || before.fingerprint !== key?.fingerprint) throw error;
      return { run: before.run, replayed: true };
    }
    return await insert(newRun, awaited);
  };

  const acceptRun = async (
    request: RunRequest,
    { idempotencyKey, principal = "code", awaited = false }: Pick<AcceptRequest, "idempotencyKey" | "principal" | "awaited">,
    find: () => Promise<TriggeredWorkflow>,
    override?: (found: TriggeredWorkflow, input: JsonObject) => Promise<RunOverrides | undefined>,
    pace?: (found: TriggeredWorkflow, run: NewRun) => Promise<void> | undefined,
  ): Promise<Accepted> => {
    const key = idempotencyKey === undefined ? undefined : toRequestKey(principal, parseIdempotencyKey(idempotencyKey), request);
    const prepare = async () => {
      checkDeadline(request.deadline, clock.now());
      const found = await find();
      const made = toNewRun(request, key, found, clock.now());
      const overrides = override === undefined ? undefined : await override(found, made.input);
      const newRun = overrides === undefined ? made : { ...made, overrides };
      // Before the backlog: that counts whom it admits, and this one may be refused.
      const paced = pace?.(found, newRun);
      if (paced !== undefined) await paced;
      await admission.admit(newRun);
      return newRun;
    };
    const [accepted] = await Promise.all([insertOrReplay(key, prepare, awaited), liveness.settle(LIVENESS_WAIT_MS)]);
    const noWorker = liveness.instancesOf(request.operatorId)?.length === 0;
    return { ...accepted, warnings: noWorker ? ["no_worker"] : [] };
  };

  return {
    catalogue,
    liveness,
    waiter,
    parse: parseActivationBody,
    async accept({ idempotencyKey, principal, awaited = false, tags = {}, ...rest }) {
      checkJson(rest.input, "/input");
      checkJson(tags, "/tags");
      const request = { ...rest, tags: parseTags(tags) };
      const given = {
        awaited,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...(principal === undefined ? {} : { principal }),
      };
      return await acceptRun(
        request,
        given,
        () => catalogue.getWorkflow(request.operatorId, request.trigger),
        undefined,
        (found, run) => {
          const rate = findRequestRate(found.workflow, request.trigger);
          return rate === undefined ? undefined : admitByRate(store, rate, run, request.input);
        },
      );
    },
    async redrive({ run, ...given }) {
      checkRedrivable(run);
      const { operatorId, trigger, input, tags } = run;
      const cause = await store.runs.findCause(run.runId);
      const request = { operatorId, trigger, input, tags, rerunOf: run.runId, ...(cause === undefined ? {} : { cause }) };
      return await acceptRun(request, given, () => catalogue.getWorkflowOf(run));
    },
    startByEvent: async (start) => await insert(toEventRun(start, clock.now())),
    parseRerun: parseRerunBody,
    async rerun({ run, changes, ...given }) {
      checkRerunnable(run);
      const { operatorId, trigger, tags } = run;
      const cause = await store.runs.findCause(run.runId);
      const request = {
        ...{ operatorId, trigger, tags, input: inputOf(run, changes), rerunOf: run.runId, changes },
        ...(cause === undefined ? {} : { cause }),
      };
      return await acceptRun(
        request,
        given,
        () => catalogue.getWorkflowOf(run),
        (found, input) => toOverrides(store, run, changes, found, input),
      );
    },
    async [Symbol.asyncDispose]() {
      waiter[Symbol.dispose]();
      await Promise.allSettled(publishing);
    },
  };
}

function checkDeadline(deadline: number | undefined, now: number): void {
  if (deadline === undefined || (Number.isSafeInteger(deadline) && deadline > now)) return;
  if (!Number.isSafeInteger(deadline)) throw refusal("OV_REQUEST_INVALID", "/deadline", `expected a time, got ${deadline}`);
  throw refusal("OV_DEADLINE_PAST", "/deadline", `${toIso(deadline)} is over: it is ${toIso(now)}; allowed is a time to come`);
}

function checkRedrivable({ runId, status }: Run): void {
  if (isFinal(status) && status !== RunStatus.Completed) return;
  const why = status === RunStatus.Completed ? "it has completed" : `it is ${status}, and may still complete`;
  const allowed = RUN_STATUSES.filter((each) => isFinal(each) && each !== RunStatus.Completed);
  throw new OpenVibeError("OV_RUN_NOT_REDRIVABLE", `run ${runId}: ${why}; redriven is a run that is ${allowed.join(", ")}`, {
    extra: { run_status: status },
  });
}
