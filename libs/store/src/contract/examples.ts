import {
  type FinalStatus,
  isFinal,
  NO_METRICS,
  newRunId,
  newToken,
  type OwnerId,
  type PendingEvent,
  type RunId,
  RunStatus,
  type StepRecord,
} from "@openvibe/core";
import type { ClaimedRun, NewRun, RunWrite } from "../runs.ts";
import type { Store } from "../store.ts";

export const ME: OwnerId = "worker-me";
export const OTHER: OwnerId = "worker-other";
export const PARKED = {
  reason: "there is no step score",
  needs_version: "0123456789abcdef",
  met_version: "fedcba9876543210",
  node_id: "score",
  since: "2026-11-22T10:30:00.000Z",
};
export const OPERATOR = "revenue_ops";

export function anEvent(type: string): PendingEvent {
  return { type, time: "2026-11-22T10:30:00.000Z", data: { note: `about ${type}` } };
}

export function aNewRun(given: Partial<NewRun> = {}): NewRun {
  return {
    runId: newRunId(Date.now()),
    operatorId: OPERATOR,
    workflowId: "qualify",
    trigger: "new_lead",
    definition: "0123456789abcdef",
    input: { company: "ACME" },
    ignoredInput: ["fax"],
    tags: { team: "emea" },
    event: anEvent("run.queued"),
    ...given,
  };
}

/** Accepts a run and claims it. */
export async function aClaimedRun(store: Store, given: Partial<NewRun> = {}, owner = ME): Promise<ClaimedRun> {
  const { run } = await store.runs.insert(aNewRun(given));
  return claim(store, run.runId, { owner });
}

/** @throws Error when the claim is refused */
export async function claim(
  store: Store,
  runId: RunId,
  { owner = ME, wake = 0 }: { owner?: OwnerId; wake?: number } = {},
): Promise<ClaimedRun> {
  const { claimed } = await store.runs.claim({ runId, wake, owner });
  if (claimed === undefined) throw new Error(`claim of ${runId} by ${owner} was refused`);
  return claimed;
}

/** The next write of a claimed run; the outbox is what the claim gave and one event. */
export function aWrite({ run, outbox }: ClaimedRun, given: Partial<RunWrite> = {}): RunWrite {
  return {
    runId: run.runId,
    attempt: run.attempt,
    step: run.step + 1,
    status: RunStatus.Running,
    state: { company: "ACME", score: 7 },
    position: "next_step",
    metrics: NO_METRICS,
    outbox: { from: outbox.from, events: [...outbox.events, anEvent("node.completed")] },
    ...given,
  };
}

export const A_RECORD: StepRecord = {
  node_id: "enrich",
  kind: "node",
  attempt: 1,
  tries: 1,
  started_at: "2026-11-22T10:30:00.000Z",
  duration_ms: 1.5,
  patch: { score: 7 },
  next: null,
};

/** A run that waits, its outbox being `run.queued`, `node.completed`. */
export async function aWaitingRun(store: Store, given: Partial<NewRun> = {}): Promise<ClaimedRun> {
  const claimed = await aClaimedRun(store, given);
  await store.runs.write(aWrite(claimed, { status: RunStatus.Waiting, interrupt: { kind: "human", node_id: "ask", data: { q: 1 } } }));
  return claimed;
}

export async function aFinishedRun(store: Store, status: FinalStatus = "completed", given: Partial<NewRun> = {}): Promise<ClaimedRun> {
  const claimed = await aClaimedRun(store, given);
  await store.runs.write(aWrite(claimed, { status, position: null }));
  return claimed;
}

/** A run that has come to this status. */
export async function aRunThatIs(store: Store, status: RunStatus): Promise<RunId> {
  if (isFinal(status)) return (await aFinishedRun(store, status)).run.runId;
  if (status === RunStatus.Waiting) return (await aWaitingRun(store)).run.runId;
  if (status === RunStatus.Running) return (await aClaimedRun(store)).run.runId;
  return (await store.runs.insert(aNewRun())).run.runId;
}

export function aWake(runId: RunId, given: { seen?: number; wakeId?: string } = {}) {
  return { runId, seen: 0, kind: "resume" as const, body: { answer: "yes" }, wakeId: newToken(), event: anEvent("run.resumed"), ...given };
}

export const aCancel = (runId: RunId) => ({ operatorId: OPERATOR, runId, event: anEvent("run.cancelled") });
