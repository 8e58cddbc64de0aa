import type { OpenedAdapters } from "@openvibe/composition";
import { isFinal, type OperatorId, type Run, type RunId } from "@openvibe/core";
import { mayGoOn, toChildWait } from "@openvibe/runtime";
import { whenTold } from "../read-events.ts";
import { MOST_RUNS, type Patience } from "./patience.ts";

export interface Scene {
  readonly adapters: OpenedAdapters;
  /** The operators that somebody here runs. */
  readonly served: ReadonlySet<OperatorId>;
  /** Resolves when what the log's events start and wake is started and woken. */
  readonly reacted: () => Promise<void>;
}

/** Resolves when each run has ended or waits, and what that means for others has happened. `late` makes the error when patience ends before. */
export async function whenSettled({ adapters, served, reacted }: Scene, patient: Patience, late: (run: Run) => Error): Promise<void> {
  const told = new Set<RunId>();
  for (;;) {
    const runs = await adapters.store.runs.list({}, { limit: MOST_RUNS });
    const busy = findBusy(runs, served);
    if (busy === undefined) {
      const untold = runs.filter(({ runId }) => !told.has(runId));
      await whenTold(adapters, untold, patient);
      await reacted();
      const after = await adapters.store.runs.list({}, { limit: MOST_RUNS });
      if (isSame(runs, after)) return;
      for (const { runId, status } of runs) if (isFinal(status)) told.add(runId);
    } else if (!(await patient.again())) throw late(busy);
  }
}

/** A run that is under way, or about to be: a parent whose children let it go on, a child whose parent has ended. */
export function findBusy(runs: readonly Run[], served: ReadonlySet<OperatorId>): Run | undefined {
  const statuses = new Map(runs.map(({ runId, status }) => [runId, status]));
  return runs.find(({ status, operatorId, interrupt, parentRunId }) => {
    if (status === "queued" || status === "running") return served.has(operatorId); // nobody here takes those of others
    if (status !== "waiting") return false;
    if (interrupt?.kind === "child" && mayGoOn(toChildWait(interrupt), (child) => statuses.get(child))) return true;
    const parent = parentRunId === null ? undefined : statuses.get(parentRunId);
    return parent !== undefined && isFinal(parent);
  });
}

function isSame(before: readonly Run[], after: readonly Run[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ runId, status, wake }, n) => after[n]?.runId === runId && after[n]?.status === status && after[n]?.wake === wake)
  );
}
