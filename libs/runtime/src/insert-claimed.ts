import type { OwnerId, PendingEvent, Run } from "@openvibe/core";
import type { ClaimedRun, NewRun, RunStore } from "@openvibe/store";

/** Inserts a run that begins in this process's hands (DESIGN §6 rule 1): the insert is the claim. `claimed` is `undefined` where the run was there already, or its cause had one. */
export async function insertClaimed(
  runs: Pick<RunStore, "insert">,
  newRun: NewRun,
  { owner, started }: { readonly owner: OwnerId; readonly started: PendingEvent },
): Promise<{ readonly run: Run; readonly claimed: ClaimedRun | undefined }> {
  const { inserted, run } = await runs.insert({ ...newRun, claimedBy: owner, started });
  if (!inserted) return { run, claimed: undefined };
  const outbox = { from: 0, events: [newRun.event, started] };
  const cause = newRun.cause === undefined ? {} : { cause: newRun.cause };
  return { run, claimed: { run, state: null, position: null, outbox, wakeKind: "start", wakeBody: null, silentClaims: 0, ...cause } };
}
