/** Judges a trial by what the database, the broker and the clients' logs say: pure set algebra, so that the checker itself can be tested. */
import type { NodeRecord } from "./node-record.ts";

/** What a client saw of one activation. */
export interface Accepted {
  readonly runId: string;
  readonly number: number;
  readonly at: number;
}

export interface StoredRun {
  readonly runId: string;
  /** `operator.workflow` */
  readonly workflow: string;
  readonly trigger: string;
  readonly input: { readonly by?: string; readonly say?: string };
  readonly status: string;
  readonly attempt: number;
  readonly output: { readonly trail?: readonly string[] };
}

export interface StoredEvent {
  readonly runId: string;
  readonly sequence: number;
  readonly type: string;
}

/** A fault that struck a process. */
export interface Strike {
  readonly kind: "worker" | "gateway" | "event-relay" | "scheduler" | "server";
  readonly how: "kill" | "stop" | "block";
  readonly pid: number;
  readonly at: number;
}

export interface Trial {
  readonly accepted: readonly Accepted[];
  readonly runs: readonly StoredRun[];
  readonly events: readonly StoredEvent[];
  readonly records: readonly NodeRecord[];
  readonly strikes: readonly Strike[];
  readonly plannedStrikes: number;
  readonly trailOf: (number: number) => readonly string[];
}

export interface Verdict {
  readonly violations: readonly string[];
  readonly figures: {
    readonly accepted: number;
    readonly completed: number;
    readonly strikes: number;
    readonly workerStrikes: number;
    readonly workerStrikesInANode: number;
    readonly finishedNodesRunAgain: number;
  };
}

const FINAL = new Set(["completed", "failed", "cancelled", "timed_out", "dead_lettered"]);

export function judge(trial: Trial): Verdict {
  const violations: string[] = [];
  const runs = new Map(trial.runs.map((run) => [run.runId, run]));
  const events = Map.groupBy(trial.events, ({ runId }) => runId);
  const records = Map.groupBy(
    [...trial.records].sort((a, b) => a.at - b.at),
    ({ run }) => run,
  );

  for (const { runId, number } of trial.accepted) {
    const run = runs.get(runId);
    if (run === undefined) {
      violations.push(`${runId} was accepted and is not in the store`);
      continue;
    }
    if (!FINAL.has(run.status)) violations.push(`${runId} was accepted and is ${run.status}`);
    if (run.status === "completed" && run.output.trail?.join() !== trial.trailOf(number).join()) {
      violations.push(`${runId} completed with the trail ${run.output.trail?.join()} instead of ${trial.trailOf(number).join()}`);
    }
    violations.push(...judgeEvents(runId, run.status, events.get(runId) ?? []));
  }
  const asked = new Set(trial.accepted.map(({ runId }) => runId));
  for (const { runId, status } of trial.runs) {
    if (asked.has(runId)) continue;
    if (!FINAL.has(status)) violations.push(`${runId}, which another run began, is ${status}`);
    violations.push(...judgeEvents(runId, status, events.get(runId) ?? []));
  }

  const strikesOf = (runId: string) =>
    trial.strikes.filter((strike) => strike.kind === "worker" && inHandsOf(records.get(runId) ?? [], strike));
  let runAgain = 0;
  for (const [runId, ofRun] of records) {
    const again = finishedNodesRunAgain(ofRun);
    runAgain += again.length;
    const allowed = strikesOf(runId).length;
    if (again.length > allowed)
      violations.push(`${runId}: ${again.length} finished nodes ran again (${again.join()}), with ${allowed} strikes on its worker`);
    violations.push(...startedTwiceWhileAlive(runId, ofRun, trial.strikes), ...startsOfStaleOwners(runId, ofRun));
  }

  const workerStrikes = trial.strikes.filter(({ kind, how }) => kind === "worker" && how !== "block");
  const inANode = workerStrikes.filter((strike) => [...records.values()].some((ofRun) => openNodeAt(ofRun, strike)));
  const completed = trial.accepted.filter(({ runId }) => runs.get(runId)?.status === "completed").length;
  if (trial.strikes.length < trial.plannedStrikes || trial.strikes.length === 0)
    violations.push(`only ${trial.strikes.length} of ${trial.plannedStrikes} planned strikes happened: the trial proves nothing`);
  if (workerStrikes.length > 0 && inANode.length < 0.3 * workerStrikes.length)
    violations.push(`only ${inANode.length} of ${workerStrikes.length} strikes on workers came while a node ran`);
  if (trial.accepted.length === 0 || completed < 0.8 * trial.accepted.length)
    violations.push(`only ${completed} of ${trial.accepted.length} runs completed`);
  return {
    violations,
    figures: {
      accepted: trial.accepted.length,
      completed,
      strikes: trial.strikes.length,
      workerStrikes: workerStrikes.length,
      workerStrikesInANode: inANode.length,
      finishedNodesRunAgain: runAgain,
    },
  };
}

function judgeEvents(runId: string, status: string, events: readonly StoredEvent[]): string[] {
  const violations: string[] = [];
  const terminal = events.filter(({ type }) => type.startsWith("run.") && FINAL.has(type.slice(4)));
  if (terminal.length !== 1)
    violations.push(`${runId} (${status}) has ${terminal.length} terminal events: ${terminal.map(({ type }) => type).join()}`);
  else if (terminal[0]?.type !== `run.${status}`) violations.push(`${runId} is ${status} and its terminal event is ${terminal[0]?.type}`);
  const sequences = [...new Set(events.map(({ sequence }) => sequence))].sort((a, b) => a - b);
  if (sequences.some((sequence, index) => sequence !== index)) violations.push(`${runId} has the event sequence ${sequences.join()}`);
  const types = Map.groupBy(events, ({ sequence }) => sequence);
  for (const [sequence, same] of types)
    if (new Set(same.map(({ type }) => type)).size > 1)
      violations.push(`${runId} has two events with the sequence ${sequence}: ${same.map(({ type }) => type).join()}`);
  return violations;
}

/** A node that started after an earlier attempt had finished it. */
function finishedNodesRunAgain(records: readonly NodeRecord[]): string[] {
  return records
    .filter(
      (start, index) =>
        start.what === "start" && records.slice(0, index).some((before) => before.what === "finish" && before.node === start.node),
    )
    .map(({ node }) => node);
}

/** Whether the struck process was the last to work on the run, before or just when it was struck. */
function inHandsOf(records: readonly NodeRecord[], strike: Strike): boolean {
  return records.filter(({ at }) => at <= strike.at).at(-1)?.pid === strike.pid;
}

function openNodeAt(records: readonly NodeRecord[], strike: Strike): boolean {
  const last = records.filter(({ at, pid }) => at <= strike.at && pid === strike.pid).at(-1);
  return last?.what === "start";
}

/** The same node started in two processes, though nothing had struck the first one. */
function startedTwiceWhileAlive(runId: string, records: readonly NodeRecord[], strikes: readonly Strike[]): string[] {
  const starts = records.filter(({ what }) => what === "start");
  return starts.flatMap((start, index) => {
    const earlier = starts.slice(0, index).find(({ node, pid }) => node === start.node && pid !== start.pid);
    if (earlier === undefined || strikes.some(({ pid, at }) => pid === earlier.pid && at <= start.at)) return [];
    return [`${runId}: node ${start.node} started in process ${start.pid} while process ${earlier.pid}, which had started it, lived`];
  });
}

/**
 * A stale owner's next write is refused, so that it begins no other node once a later attempt works on the run. One start may slip through: that of an
 * owner stopped between its commit and its next step.
 */
function startsOfStaleOwners(runId: string, records: readonly NodeRecord[]): string[] {
  const stale = records.filter(
    (start, index) =>
      start.what === "start" && records.slice(0, index).some(({ what, attempt }) => what === "start" && attempt > start.attempt),
  );
  return stale.length < 2
    ? []
    : [
        `${runId}: a stale owner began ${stale.map(({ node, attempt }) => `${node} (attempt ${attempt})`).join()} after a later attempt had begun`,
      ];
}
